"""Two thousand mutated requests, whole ones in JSON, binary, chunked and compressed form, against one server."""
import gzip
import json
import os
import random
import socket
import unittest
import zlib

from program import Server, chunked, request_bytes
from samples import floats
from serve_refusals_test import GOOD, INFER, LENGTH, LIMITS, RefusalTest, binary, write_models

ROUNDS = 2000 * (10 if "OARLOCK_LONG" in os.environ else 1)
PIECES = [b"\r\n", b"\r\n\r\n", b"\n", b"\0", b" ", b":", b",", b"-1", b"0", b"99999999999999999999", b"{", b"}", b"[", b"]", b'"',
          b"null", b"1e999", b"chunked", b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n",
          b"Accept-Encoding: gzip\r\n", b"Expect: 100-continue\r\n", LENGTH.encode() + b": 5\r\n", b"\xff\xfe", b"%00", b"HEAD ", b"GET "]


def seeds():
    body = json.dumps({"id": "s", "inputs": [GOOD], "outputs": [{"name": "y"}]}).encode()
    head = json.dumps({"inputs": [binary(16)], "parameters": {"binary_data_output": True}}).encode()
    sized, packed = head + floats(1, 2, 3, 4), {"Content-Encoding": "gzip", "Accept-Encoding": "gzip"}
    streamed = {"Transfer-Encoding": "chunked"}
    return [request_bytes("POST", INFER, body), request_bytes("POST", INFER, sized, {LENGTH: len(head)}),
            request_bytes("POST", INFER, gzip.compress(sized, mtime=0), {LENGTH: len(head), **packed}),
            request_bytes("POST", INFER, chunked(body, 9), streamed),
            request_bytes("POST", INFER, chunked(zlib.compress(sized), 9), {**streamed, LENGTH: len(head), "Content-Encoding": "deflate"}),
            request_bytes("GET", "/v2/models/add/versions/1"), request_bytes("OPTIONS", "http://h/v2/models"),
            request_bytes("POST", INFER, floats(1, 2, 3, 4), {LENGTH: 0, "x-request-id": "r", "x-model-version": "1"})]


def mutate(dice, data):
    data = bytearray(data)
    for _ in range(dice.randint(0, 3)):
        at = dice.randrange(len(data) + 1)
        match dice.randrange(5):
            case 0 if at < len(data):
                data[at] = dice.randrange(256)
            case 1:
                del data[at:at + dice.randint(1, 8)]
            case 2:
                data[at:at] = dice.choice(PIECES)
            case 3:
                start = dice.randrange(len(data) + 1)
                data[at:at] = data[start:start + dice.randint(1, 64)]
            case _ if at < len(data):
                data[at] ^= 1 << dice.randrange(8)
    return bytes(data)


class Soak(RefusalTest):
    @classmethod
    def start(cls, directory):
        write_models(directory)
        # Who says no more is answered at once or not at all.
        return Server(directory, limits=[*LIMITS, "inline_us_max=1000000"])

    def test_mutated_requests(self):
        dice, whole, statuses = random.Random(20240613), seeds(), {}
        for _ in range(ROUNDS):
            said = b"".join(mutate(dice, dice.choice(whole)) for _ in range(dice.randint(1, 2)))
            with self.server.connect() as connection:
                try:
                    connection.send(said)
                    connection.socket.shutdown(socket.SHUT_WR)  # so that nobody waits for what a mutation took away
                    heard = connection.socket.makefile("rb").read()
                except ConnectionError:
                    continue
            if heard:
                self.assertTrue(heard.startswith(b"HTTP/1.1 "), heard)
                status = int(heard[9:12])
                self.assertNotIn(status, (500, 502), heard)
                statuses[status] = statuses.get(status, 0) + 1
        # The dice are seeded, so that the mixture says whether the mutations still reach what they are for.
        for status, count in ((200, ROUNDS // 20), (400, ROUNDS // 10), (404, 5), (405, 5)):
            self.assertGreaterEqual(statuses.get(status, 0), count, statuses)


if __name__ == "__main__":
    unittest.main()
