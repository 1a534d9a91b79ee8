"""Trace and log settings by tritonclient: told as they are, and refused where there is nothing to set."""
import unittest

from clients import GrpcTest, HttpTest


class Settings:
    def trace(self, *arguments):
        raise NotImplementedError

    def log(self):
        raise NotImplementedError

    def test_traces_are_off(self):
        for arguments in ((), ("relu",)):
            settings = self.trace(*arguments)
            self.assertEqual(settings["trace_level"], ["OFF"])
            self.assertEqual(set(settings), {"trace_file", "trace_level", "trace_rate", "trace_count", "log_frequency"})

    def test_traces_cannot_be_switched_on(self):
        for settings in ({"trace_level": ["TIMESTAMPS"]}, {"trace_file": "/tmp/trace.json"}, {"trace_level": ["TENSORS"], "trace_rate": "1"}):
            with self.subTest(settings), self.refused("UNIMPLEMENTED"):
                self.client.update_trace_settings(settings=settings)
        self.assertEqual(self.trace()["trace_level"], ["OFF"])

    def test_log(self):
        settings = self.log()
        self.assertLessEqual({"log_file", "log_info", "log_warning", "log_error", "log_verbose_level", "log_format"}, set(settings))
        with self.refused("UNIMPLEMENTED"):
            self.client.update_log_settings({"log_file": "/tmp/log"})
        self.assertEqual(self.log(), settings)


class OverHttp(Settings, HttpTest):
    def trace(self, *arguments):
        return self.client.get_trace_settings(*arguments)

    def log(self):
        return self.client.get_log_settings()


class OverGrpc(Settings, GrpcTest):
    def trace(self, *arguments):
        settings = self.client.get_trace_settings(*arguments).settings
        return {name: list(setting.value) for name, setting in settings.items()}

    def log(self):
        return {name: getattr(value, value.WhichOneof("parameter_choice")) for name, value in self.client.get_log_settings().settings.items()}


if __name__ == "__main__":
    unittest.main()
