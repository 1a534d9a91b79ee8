"""How tritonclient's requests travel: over a Unix socket, with headers of the caller's or of a plugin, beyond a limit."""
import unittest

import numpy as np
import tritonclient.grpc
import tritonclient.grpc.auth
import tritonclient.http
import tritonclient.http.auth

import served
from clients import GrpcTest, HttpTest

BODY_BYTES_MAX = 1 << 20


class Transport:
    @classmethod
    def start(cls, directory):
        return served.start(directory, "--unix", directory / "socket", "--limit", f"http_body_bytes_max={BODY_BYTES_MAX}",
                            "--limit", f"grpc_message_bytes_max={BODY_BYTES_MAX}")

    def check(self, client, **options):
        values = np.arange(10, dtype=np.int32)
        self.assert_tensor(self.infer("same_INT32", {"x": values}, client=client, **options).as_numpy("y"), values)

    def test_headers_of_the_caller(self):
        self.check(self.client, headers={"x-tenant": "blue", "x-request-id": "7", "traceparent": f"00-{'a' * 32}-{'b' * 16}-01"})

    def test_plugin_that_adds_headers(self):
        client = self.new_client()
        client.register_plugin(self.auth.BasicAuth("user", "secret"))
        self.check(client)

    def test_beyond_the_limit(self):
        values = np.zeros(BODY_BYTES_MAX // 4 + 1, np.int32)
        with self.refused(self.too_large, str(BODY_BYTES_MAX)):
            self.infer("same_INT32", {"x": values})
        self.check(self.client)
        almost = values[:-256]
        self.assert_tensor(self.infer("same_INT32", {"x": almost}).as_numpy("y"), almost)


class OverHttp(Transport, HttpTest):
    auth = tritonclient.http.auth
    too_large = "TOO_LARGE"

    def code(self, name):
        return "413" if name == "TOO_LARGE" else super().code(name)

    def test_query(self):
        self.check(self.client, query_params={"a": 1, "b": ["x y", "&"]})


class OverGrpc(Transport, GrpcTest):
    auth = tritonclient.grpc.auth
    too_large = "RESOURCE_EXHAUSTED"

    def test_unix_socket(self):
        client = tritonclient.grpc.InferenceServerClient(f"unix:{self.shared}/socket")
        self.addCleanup(client.close)
        self.assertTrue(client.is_server_ready())
        self.check(client)

    def test_keepalive(self):
        pings = tritonclient.grpc.KeepAliveOptions(keepalive_time_ms=10_000, keepalive_permit_without_calls=True)
        self.check(self.new_client(keepalive_options=pings))


if __name__ == "__main__":
    unittest.main()
