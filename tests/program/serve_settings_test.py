"""The extensions trace and logging: settings can be asked, and nothing that comes over a network changes them or names a
file."""
import json
import unittest

from program import Server, ServerTest, write_fake

TRACES = ("/v2/trace/setting", "/v2/models/m/trace/setting")
TRACE = {"trace_file": "", "trace_level": ["OFF"], "trace_rate": "1000", "trace_count": "-1", "log_frequency": "0"}
LOG = {"log_file": "", "log_info": True, "log_warning": True, "log_error": True, "log_verbose_level": 0, "log_format": "default"}


class Settings(ServerTest):
    @classmethod
    def start(cls, directory):
        write_fake(directory, "m", "input x FP32 1\noutput y FP32 1\n")
        return Server(directory)

    def post(self, target, value=None):
        return self.server.ask("POST", target, b"" if value is None else json.dumps(value).encode())

    def tearDown(self):
        super().tearDown()
        for target in TRACES:
            self.assertEqual(self.server.ask("GET", target).json(), TRACE)
        self.assertEqual(self.server.ask("GET", "/v2/logging").json(), LOG)

    def test_what_is_can_be_said_again(self):
        for target in TRACES:
            for value in (None, {}, {"trace_level": ["OFF"]}, {"trace_rate": "1000", "trace_count": None, "trace_level": None}):
                answer = self.post(target, value)
                self.assertEqual((answer.status, answer.json()), (200, TRACE))
        for value in (None, {}, {"log_info": True, "log_verbose_level": 0, "log_format": "default"}):
            answer = self.post("/v2/logging", value)
            self.assertEqual((answer.status, answer.json()), (200, LOG))

    def test_no_file_is_ever_named(self):
        for file in ("", "/tmp/x", "../x", "x"):
            for target in TRACES:
                self.assert_error(self.post(target, {"trace_level": ["OFF"], "trace_file": file}), 501, "names a file")
            self.assert_error(self.post("/v2/logging", {"log_info": True, "log_file": file}), 501, "names a file")

    def test_changes_are_refused(self):
        for target in TRACES:
            for value in ({"trace_level": ["TIMESTAMPS"]}, {"trace_level": "TENSORS"}, {"trace_rate": "1"}, {"trace_count": "9"}):
                self.assert_error(self.post(target, value), 501, "there are no traces here")
        for value in ({"log_info": False}, {"log_error": 1}, {"log_verbose_level": 2}, {"log_format": "ISO8601"}):
            self.assert_error(self.post("/v2/logging", value), 501, "cannot be changed")

    def test_what_is_no_setting(self):
        for target in TRACES:
            for value in ({"trace": "1"}, {"trace_rate": 1000}, {"trace_level": {"a": 1}}, {"trace_level": [1]}, [],
                          {"trace_level": 1000 * ["OFF"]}):
                self.assert_error(self.post(target, value), 400)
        for value in ({"log_inf": True}, {"log_info": None}, {"log_info": [True]}, {"log_verbose_level": -1},
                      {"log_verbose_level": 1.5}, 7):
            self.assert_error(self.post("/v2/logging", value), 400)
        self.assert_error(self.server.ask("GET", "/v2/models/n/trace/setting"), 404, "'n'")
        self.assert_error(self.post("/v2/models/n/trace/setting", {}), 404, "'n'")

    def test_neither_is_an_extension(self):
        self.assertFalse({"trace", "logging"} & set(self.server.ask("GET", "/v2").json()["extensions"]))


if __name__ == "__main__":
    unittest.main()
