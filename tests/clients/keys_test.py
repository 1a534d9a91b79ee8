"""Keys by tritonclient and perf_analyzer, as headers: the same over HTTP and over gRPC."""
import unittest

import numpy as np
import tritonclient.grpc.auth
import tritonclient.http.auth

import perf_analyzer
import served
from clients import GrpcTest, HttpTest, ramp

KEYS = {"infer": "infer-key-0123456789", "read": "read-key-0123456789", "control": "control-key-0123456789"}
BOTH = "key-of-infer-and-read"


class Keys:
    @classmethod
    def start(cls, directory):
        path = directory / "keys.yaml"
        path.write_text(f"infer: [{KEYS['infer']}, {BOTH}]\nread: [{KEYS['read']}, {BOTH}]\ncontrol: [{KEYS['control']}]\n", encoding="utf-8")
        path.chmod(0o600)
        return served.start(directory, "--keys-file", path)

    def ask(self, **options):
        result = self.infer("relu", {"x": ramp(1, 16)}, **options)
        self.assert_tensor(result.as_numpy("y"), np.maximum(ramp(1, 16), 0))

    def test_health_needs_none(self):
        self.assertTrue(self.client.is_server_live())
        self.assertTrue(self.client.is_server_ready())

    def test_inference(self):
        for headers in ({"x-api-key": KEYS["infer"]}, {"authorization": f"Bearer {KEYS['infer']}"}):
            self.ask(headers=headers)
        with self.refused("UNAUTHENTICATED"):
            self.ask()
        for key in (KEYS["read"], KEYS["control"], KEYS["infer"] + "0"):
            with self.refused("PERMISSION_DENIED"):
                self.ask(headers={"x-api-key": key})

    def test_metadata(self):
        headers = {"x-api-key": KEYS["read"]}
        self.assertEqual(self.asked("get_model_metadata", "relu", headers=headers)["name"], "relu")
        self.assertEqual(self.asked("get_inference_statistics", "relu", headers=headers)["model_stats"][0]["name"], "relu")
        with self.refused("UNAUTHENTICATED"):
            self.client.get_model_metadata("relu")
        with self.refused("PERMISSION_DENIED"):
            self.client.get_model_metadata("relu", headers={"x-api-key": KEYS["infer"]})

    def test_control(self):
        with self.refused("PERMISSION_DENIED"):
            self.client.unload_model("relu", headers={"x-api-key": KEYS["infer"]})
        # The key is right, and then it is the server's configuration that refuses.
        with self.refused("UNAVAILABLE"):
            self.client.unload_model("relu", headers={"x-api-key": KEYS["control"]})

    def test_plugin(self):
        client = self.new_client()
        client.register_plugin(self.auth.BasicAuth("user", "secret"))  # which knows no keys
        with self.refused("UNAUTHENTICATED"):
            self.ask(client=client)

    def test_perf_analyzer(self):
        # It reads metadata and statistics, and infers.
        for headers, succeeds in (([], False), (["-H", f"x-api-key:{BOTH}"], True)):
            done = perf_analyzer.measure("relu", self.server.address, "-i", self.protocol, *headers)
            self.assertEqual(done.returncode == 0, succeeds, (done.stdout, done.stderr))
            self.assertEqual("failed to get model metadata" in done.stderr, not succeeds, done.stderr)


class OverHttp(Keys, HttpTest):
    auth, protocol = tritonclient.http.auth, "http"

    def code(self, name):
        return {"UNAUTHENTICATED": "401", "PERMISSION_DENIED": "403"}.get(name) or super().code(name)


class OverGrpc(Keys, GrpcTest):
    auth, protocol = tritonclient.grpc.auth, "grpc"


if __name__ == "__main__":
    unittest.main()
