"""Where the time of a request goes, told on request; and which thread runs it."""
import json
import re
import unittest

from program import ProgramTest, request_bytes, run

ADD = "input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\n"
REQUEST = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4]}]}
INFER = "/v2/models/add/infer"
STAGES = ["receive", "parse", "queue", "prepare", "compute", "serialise", "send"]


def stages(answer):
    """[(name, milliseconds)] of the header."""
    return [(name, float(ms)) for name, ms in re.findall(r"(\w+);dur=([0-9.]+)", answer.headers["server-timing"])]


class ServerTiming(ProgramTest):
    def ask(self, server, headers):
        answer = server.ask("POST", INFER, json.dumps(REQUEST).encode(), headers)
        self.assertEqual((answer.status, answer.json()["outputs"][0]["data"]), (200, [2, 3, 4, 5]))
        return answer

    def test_is_told_to_those_who_ask(self):
        server = self.serve(self.fake(ADD, "add"))
        for headers in ({}, {"x-server-timing": "0"}, {"x-server-timing": "yes"}):
            self.assertNotIn("server-timing", self.ask(server, headers).headers)
        self.assertEqual([name for name, _ in stages(self.ask(server, {"X-Server-Timing": "1"}))], STAGES)

    def test_says_where_a_slow_request_was_slow(self):
        server = self.serve(self.fake(ADD + "delay_us 30000\n", "add"))
        told = dict(stages(self.ask(server, {"x-server-timing": "1"})))
        self.assertGreaterEqual(told["compute"], 30)
        self.assertEqual(told["send"], 0, "nothing was sent before on this connection")

    def test_receiving_counts_from_the_first_byte(self):
        server = self.serve(self.fake(ADD, "add"))
        whole = request_bytes("POST", INFER, json.dumps(REQUEST).encode(), {"x-server-timing": "1"})
        with server.connect() as connection:
            connection.send(whole)
            self.assertEqual(connection.read_answer().status, 200)
            connection.send(whole[:-5])
            self.assertEqual(server.infer("add", REQUEST).status, 200)  # a while later
            connection.send(whole[-5:])
            told = dict(stages(connection.read_answer()))
        self.assertGreater(told["receive"], 0)
        self.assertGreater(told["send"], 0, "an answer was sent before on this connection")


class InlineRuns(ProgramTest):
    """A model that answers within the limit runs on the I/O thread: then one connection after the other is served."""

    def overlap(self, *arguments, limits=()):
        """Are two requests of 50 ms each computed at the same time?"""
        server = self.serve(self.fake(ADD + "delay_us 50000\n", "add"), "--executions", 2, *arguments, limits=limits)
        body = request_bytes("POST", INFER, json.dumps(REQUEST).encode(), {"x-server-timing": "1"})
        with server.connect() as one, server.connect() as two, server.connect() as health:
            one.send(body)
            two.send(body)
            health.send(request_bytes("GET", "/v2/health/live"))
            first = health.read_answer()  # at once, unless the I/O thread is computing
            self.assertEqual(first.status, 200)
            answered = [one.read_answer(), two.read_answer()]
        return [dict(stages(answer)) for answer in answered]

    def test_a_long_model_is_handed_over(self):
        for answer in self.overlap():
            self.assertGreaterEqual(answer["compute"], 50)

    def test_a_limit_above_its_time_keeps_it_on_the_io_thread(self):
        told = self.overlap(limits=["inline_us_max=1000000"])
        # Both are computed by one thread, and neither has waited in a queue.
        self.assertEqual([answer["queue"] for answer in told], [0, 0])

    def test_never(self):
        server = self.serve(self.fake(ADD, "add"), "--inline", "never")
        answer = server.ask("POST", INFER, json.dumps(REQUEST).encode(), {"x-server-timing": "1"})
        self.assertGreater(dict(stages(answer))["queue"], 0, "it went through the queue")
        self.assert_fails(run("serve", self.fake(ADD, "add"), "--inline", "always"), "inline 'always'; it must be auto or never",
                          code=2)


if __name__ == "__main__":
    unittest.main()
