"""Compressed bodies: requests with Content-Encoding, answers for Accept-Encoding, and what is no compressed body."""
import gzip
import json
import unittest
import zlib

from program import chunked, request_bytes
from samples import floats, unpack_floats
from serve_refusals_test import GOOD, INFER, LENGTH, RefusalTest, binary

COUNT = 100_000
ROWS = COUNT // 4


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


ENCODERS = {"gzip": gzip.compress, "x-gzip": gzip.compress, "GZip": gzip.compress, "deflate": zlib.compress,
            "Deflate": raw_deflate, "identity": bytes}
DECODERS = {"gzip": gzip.decompress, "deflate": zlib.decompress, None: bytes}


def bomb(size):
    """`size` zeros as gzip, made without holding them."""
    packer, block = zlib.compressobj(9, wbits=31), bytes(1 << 20)
    return b"".join(packer.compress(block) for _ in range(size >> 20)) + packer.flush()


class Requests(RefusalTest):
    growth_bytes_max = 128 << 20  # bodies of 2 MB, for which the JSON parser takes another 10 MB

    def send(self, body, encoding, in_chunks=False, **headers):
        headers = {**headers, "Content-Encoding": encoding}
        if in_chunks:
            headers["Transfer-Encoding"] = "chunked"
            body = chunked(body, 1000)
        return self.server.ask("POST", INFER, body, headers)

    def test_json(self):
        body = json.dumps({"inputs": [GOOD]}).encode()
        for encoding, encode in ENCODERS.items():
            for in_chunks in (False, True):
                with self.subTest(encoding, in_chunks=in_chunks):
                    answer = self.send(encode(body), encoding, in_chunks)
                    self.assertEqual((answer.status, answer.json()["outputs"][0]["data"]), (200, [2, 3, 4, 5]), answer)

    def test_length_of_the_json_is_that_of_the_decompressed_body(self):
        values = [index % 1000 for index in range(COUNT)]
        head = json.dumps({"inputs": [binary(4 * COUNT, (ROWS, 4))], "parameters": {"binary_data_output": True}}).encode()
        for encoding, encode in ENCODERS.items():
            for in_chunks in (False, True):
                answer = self.send(encode(head + floats(*values)), encoding, in_chunks, **{LENGTH: len(head)})
                self.assertEqual(answer.status, 200, answer)
                self.assertEqual(unpack_floats(answer.binary()), [value + 1 for value in values])

    def test_raw_request(self):
        answer = self.send(gzip.compress(floats(1, 2, 3, 4)), "gzip", **{LENGTH: 0})
        self.assertEqual((answer.status, unpack_floats(answer.binary())), (200, [2, 3, 4, 5]))

    def test_lying_length_of_the_json(self):
        body = json.dumps({"inputs": [GOOD]}).encode()
        for value in (len(body) + 1, -1, 2**64):
            answer = self.send(gzip.compress(body), "gzip", **{LENGTH: value})
            self.assert_error(answer, 400, f"{LENGTH} is '{value}'", f"from 0 to the body's {len(body)} bytes")

    def test_what_is_not_whole_leaves_the_connection_usable(self):
        body = json.dumps({"inputs": [GOOD]}).encode()
        for encoding, whole in (("gzip", gzip.compress(body)), ("deflate", zlib.compress(body)), ("deflate", raw_deflate(body))):
            for sent, part in ((whole[:-1], f"its {len(whole) - 1} bytes are not all of it"), (whole + b"x", "goes on for 1 bytes"),
                               (whole + whole, f"goes on for {len(whole)} bytes"), (whole[:1], "ends too early")):
                with self.subTest(encoding, part=part), self.server.connect() as connection:
                    connection.send(request_bytes("POST", INFER, sent, {"Content-Encoding": encoding}))
                    self.assert_error(connection.read_answer(), 400, encoding, part)
                    connection.send(request_bytes("POST", INFER, whole, {"Content-Encoding": encoding}))
                    self.assertEqual(connection.read_answer().status, 200)

    def test_corrupt(self):
        body = json.dumps({"inputs": [GOOD]}).encode()
        broken = bytearray(gzip.compress(body))
        broken[-6] ^= 1
        for sent, encoding, part in ((bytes(broken), "gzip", "incorrect data check"), (body, "gzip", "incorrect header check"),
                                     (zlib.compress(body), "gzip", "incorrect header check"), (b"\x07", "deflate", "ends too"),
                                     (body, "deflate", "is corrupt after"), (b"", "gzip", "a JSON object is needed")):
            self.assert_error(self.send(sent, encoding), 400, part)

    def test_codings_that_are_not_read(self):
        for encoding in ("br", "zstd", "compress", "gzip, gzip", "gzip, identity", "gzip,deflate", "*", ""):
            answer = self.send(b"", encoding)
            self.assert_error(answer, 415, f"'{encoding}' is not read", "gzip, x-gzip, deflate, identity")
            self.assertEqual(answer.headers["accept-encoding"], "gzip, x-gzip, deflate, identity")

    def test_bombs_take_no_memory(self):
        packed = bomb(256 << 20)
        lying = packed[:-4] + b"\x10\0\0\0"  # the size that gzip tells at the end
        before, most = self.server.rss_bytes(), 0
        for sent, encoding in ((packed, "gzip"), (lying, "gzip"), (zlib.compress(bytes(100 << 20), 1), "deflate"),
                               (raw_deflate(bytes(100 << 20)), "deflate")):
            for in_chunks in (False, True):
                answer = self.send(sent, encoding, in_chunks)
                self.assert_error(answer, 413, "more than 2000000 bytes once it is decompressed")
                most = max(most, self.server.rss_bytes())
        self.assertLess(most - before, 32 << 20)

    def test_the_limit_after_decompression_is_exact(self):
        for size, status in ((2_000_000, 400), (2_000_001, 413)):
            for encoding, encode in (("gzip", gzip.compress), ("deflate", zlib.compress)):
                self.assert_error(self.send(encode(b" " * size), encoding), status)

    def test_memory_of_refused_bodies_is_not_kept(self):
        body = gzip.compress(bytes(2_000_000))
        before = self.server.rss_bytes()
        for _ in range(100):
            self.assert_error(self.send(body, "gzip"), 400)
        self.assertLess(self.server.rss_bytes() - before, self.growth_bytes_max)  # of 1.2 GB that were taken


class Answers(RefusalTest):
    def infer(self, accept, binary_output, rows=ROWS):
        body = json.dumps({"inputs": [{**GOOD, "shape": [rows, 4], "data": [7] * 4 * rows}],
                           "parameters": {"binary_data_output": binary_output}}).encode()
        headers = {} if accept is None else {"Accept-Encoding": accept}
        answer = self.server.ask("POST", INFER, body, headers)
        self.assertEqual(answer.status, 200, answer)
        return answer

    def test_coding_follows_the_wish(self):
        for accept, coding in ((None, None), ("identity", None), ("", None), ("gzip", "gzip"), ("deflate", "deflate"),
                               ("gzip, deflate", "gzip"), ("gzip;q=0, deflate", "deflate"), ("gzip;q=0", None), ("br", None),
                               ("gzip;q=0.5, deflate;q=0.7", "deflate"), ("*", None), ("identity;q=0, *", "gzip")):
            for binary_output in (False, True):
                with self.subTest(accept, binary=binary_output):
                    answer = self.infer(accept, binary_output)
                    self.assertEqual(answer.headers.get("content-encoding"), coding)
                    self.assertEqual(answer.headers.get("vary"), coding and "Accept-Encoding")
                    size = len(answer.body)
                    answer.body = DECODERS[coding](answer.body)
                    self.assertEqual(size < len(answer.body) / 10, coding is not None)
                    output, = answer.json()["outputs"]
                    data = unpack_floats(answer.binary()) if binary_output else output["data"]
                    self.assertEqual(data, [8] * COUNT)

    def test_small_answers_stay_as_they_are(self):
        for asked in ("/v2", "/v2/models", "/v2/models/add", "/none"):
            self.assertNotIn("content-encoding", self.server.ask("GET", asked, headers={"Accept-Encoding": "gzip"}).headers)
        self.assertNotIn("content-encoding", self.infer("gzip", False, rows=1).headers)

    def test_head_tells_what_get_would(self):
        with self.server.connect() as connection:
            connection.send(request_bytes("HEAD", "/v2", headers={"Accept-Encoding": "gzip"}) + request_bytes("GET", "/v2"))
            head = connection.read_answer(has_body=False)
            get = connection.read_answer()
        self.assertEqual(head.headers, get.headers)

    def test_both_ways_at_once(self):
        head = json.dumps({"inputs": [binary(4 * COUNT, (ROWS, 4))], "parameters": {"binary_data_output": True}}).encode()
        body = gzip.compress(head + floats(*[1] * COUNT))
        headers = {LENGTH: len(head), "Content-Encoding": "gzip", "Accept-Encoding": "deflate"}
        with self.server.connect() as connection:
            for _ in range(5):
                connection.send(request_bytes("POST", INFER, body, headers))
                answer = connection.read_answer()
                self.assertEqual((answer.status, answer.headers["content-encoding"]), (200, "deflate"))
                answer.body = zlib.decompress(answer.body)
                self.assertEqual(unpack_floats(answer.binary()), [2] * COUNT)


if __name__ == "__main__":
    unittest.main()
