"""TLS by tritonclient, over HTTP and over gRPC, with clients' certificates and without, and by perf_analyzer."""
import ssl
import unittest

import numpy as np
import tritonclient.grpc
import tritonclient.http
from tritonclient.utils import InferenceServerException

import perf_analyzer
import served
from clients import ramp
from program import ProgramTest
from serve_tls_test import Authority


class Tls(ProgramTest):
    def setUp(self):
        self.authority = Authority(self.directory / "authority")
        self.authority.issue("server")

    def start(self, *flags):
        return self.serve(served.write_models(self.directory), "--tls-cert", self.authority.cert("server"),
                          "--tls-key", self.authority.key("server"), "--grpc", "127.0.0.1:0", *flags)

    def http(self, server, certificate=None):
        client = tritonclient.http.InferenceServerClient(
            server.ready_line["http"], ssl=True, ssl_context_factory=lambda: self.authority.client(certificate))
        self.addCleanup(client.close)
        return client

    def grpc(self, server, certificate=None):
        own = {} if certificate is None else {"private_key": str(self.authority.key(certificate)),
                                              "certificate_chain": str(self.authority.cert(certificate))}
        client = tritonclient.grpc.InferenceServerClient(server.ready_line["grpc"], ssl=True,
                                                         root_certificates=str(self.authority.cert("ca")), **own)
        self.addCleanup(client.close)
        return client

    def ask(self, triton, client):
        values = np.random.default_rng(1).standard_normal((1, 3, 224, 224), np.float32)
        for model, x in (("relu", ramp(1, 16)), ("image", values)):
            tensor = triton.InferInput("x", list(x.shape), "FP32")
            tensor.set_data_from_numpy(x)
            np.testing.assert_array_equal(client.infer(model, [tensor]).as_numpy("y"), np.maximum(x, 0))

    def test_both_protocols(self):
        server = self.start()
        self.ask(tritonclient.http, self.http(server))
        self.ask(tritonclient.grpc, self.grpc(server))

    def test_a_client_that_knows_no_such_authority(self):
        server = self.start()
        client = tritonclient.http.InferenceServerClient(server.ready_line["http"], ssl=True, ssl_context_factory=ssl.create_default_context)
        self.addCleanup(client.close)
        with self.assertRaises(ssl.SSLCertVerificationError):
            client.is_server_live()
        plain = tritonclient.grpc.InferenceServerClient(server.ready_line["grpc"])
        self.addCleanup(plain.close)
        with self.assertRaises(InferenceServerException) as caught:
            plain.is_server_live()
        self.assertEqual(caught.exception.status(), "StatusCode.UNAVAILABLE")

    def test_certificates_of_clients(self):
        self.authority.issue("client")
        server = self.start("--tls-client-ca", self.authority.cert("ca"))
        self.ask(tritonclient.http, self.http(server, "client"))
        self.ask(tritonclient.grpc, self.grpc(server, "client"))
        with self.assertRaises(OSError):  # the end of the connection, or TLS's word for it
            self.ask(tritonclient.http, self.http(server))
        with self.assertRaises(InferenceServerException) as caught:
            self.ask(tritonclient.grpc, self.grpc(server))
        self.assertEqual(caught.exception.status(), "StatusCode.UNAVAILABLE")

    def test_perf_analyzer(self):
        server = self.start()
        authority = str(self.authority.cert("ca"))
        for protocol, address, flags in (
                ("grpc", server.ready_line["grpc"], ["--ssl-grpc-use-ssl", "--ssl-grpc-root-certifications-file", authority]),
                ("http", f"https://{server.ready_line['http']}", ["--ssl-https-ca-certificates-file", authority])):
            done = perf_analyzer.measure("relu", address, "-i", protocol, *flags)
            self.assertEqual(done.returncode, 0, (done.stdout, done.stderr))
            self.assertRegex(done.stdout, r"Concurrency: 1, throughput: [1-9]")


if __name__ == "__main__":
    unittest.main()
