"""The index of models, loading and unloading by tritonclient, the same over HTTP and over gRPC."""
import unittest

import served
from clients import GrpcTest, HttpTest, ramp


class Control:
    @classmethod
    def start(cls, directory):
        return served.start(directory, "--model-control-mode", "explicit")

    def index(self):
        """{(name, version): (state, reason)}"""
        answer = self.asked("get_model_repository_index")
        rows = answer if isinstance(answer, list) else answer["models"]
        return {(row["name"], row.get("version")): (row["state"], row.get("reason", "")) for row in rows}

    def test_extension_is_listed(self):
        self.assertLessEqual({"model_repository", "model_repository(unload_dependents)"},
                             set(self.asked("get_server_metadata")["extensions"]))

    def test_index(self):
        index = self.index()
        for row in (("relu", "1"), ("versioned", "1"), ("versioned", "2"), ("slow", "1")):
            self.assertEqual(index[row], ("READY", ""), row)

    def test_unloaded_and_loaded_again(self):
        x = ramp(4)
        for unload_dependents in (False, True):
            self.client.unload_model("versioned", unload_dependents=unload_dependents)
            self.assertFalse(self.client.is_model_ready("versioned"))
            self.assertTrue(self.client.is_server_ready())
            states = {row: state for row, state in self.index().items() if row[0] == "versioned"}
            self.assertTrue(states)
            self.assertEqual(set(states.values()), {("UNAVAILABLE", "unloaded")})
            with self.refused("NOT_FOUND", "'versioned'"):
                self.infer("versioned", {"x": x})
            self.client.load_model("versioned")
            self.assertTrue(self.client.is_model_ready("versioned", "2"))
            self.assert_tensor(self.infer("versioned", {"x": x}).as_numpy("y"), x + 2)
            self.assertEqual(self.index()["versioned", "1"], ("READY", ""))

    def test_loading_what_is_loaded_changes_nothing_for_its_callers(self):
        self.client.load_model("relu")
        self.assertEqual(self.infer("relu", {"x": ramp(1, 16)}).as_numpy("y")[0, 0], 0)

    def test_what_a_request_brings_along_is_never_taken(self):
        for options in ({"config": '{"backend": "onnxruntime"}'},
                        {"config": "{}", "files": {"file:1/model.onnx": b"onnx"}},
                        {"config": "{}", "files": {"file:../../evil.onnx": b"onnx"}}):
            with self.subTest(options), self.refused("INVALID_ARGUMENT", "never from a request"):
                self.client.load_model("relu", **options)
        self.assertEqual(self.index()["relu", "1"], ("READY", ""))

    def test_unknown_models(self):
        for change in (self.client.load_model, self.client.unload_model):
            with self.refused("NOT_FOUND", "'rely'"):
                change("rely")


class ControlOverHttp(Control, HttpTest):
    pass


class ControlOverGrpc(Control, GrpcTest):
    pass


class Forbidden:
    """As a server is started without more ado."""

    def test_index_is_told_all_the_same(self):
        answer = self.asked("get_model_repository_index")
        rows = answer if isinstance(answer, list) else answer["models"]
        self.assertIn(("relu", "READY"), [(row["name"], row["state"]) for row in rows])

    def test_changes_are_refused_and_the_flag_is_named(self):
        for change in (self.client.load_model, self.client.unload_model):
            with self.refused("UNAVAILABLE", "--model-control-mode"):
                change("relu")
        self.assertTrue(self.client.is_model_ready("relu"))


class ForbiddenOverHttp(Forbidden, HttpTest):
    pass


class ForbiddenOverGrpc(Forbidden, GrpcTest):
    pass


if __name__ == "__main__":
    unittest.main()
