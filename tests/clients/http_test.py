"""What tritonclient does over HTTP alone: tensors as JSON, compressed bodies, requests side by side, asyncio."""
import asyncio
import unittest

import numpy as np
import tritonclient.http as triton
import tritonclient.http.aio

from clients import HttpTest, ramp
from program import WAIT_S
from served import DTYPES


class Json(HttpTest):
    def infer_json(self, model, tensors, outputs, **options):
        inputs = [self.input(name, values, binary_data=False) for name, values in tensors.items()]
        outputs = [triton.InferRequestedOutput(name, binary_data=False) for name in outputs]
        return self.client.infer(model, inputs, outputs=outputs, **options)

    def test_datatypes(self):
        for datatype, dtype in DTYPES.items():
            if datatype in ("FP16", "BF16"):
                continue  # which JSON has not; the client refuses them
            with self.subTest(datatype):
                values = np.array([0, 1, 1], dtype) if datatype == "BOOL" else (
                    ramp(9, dtype=dtype) if datatype.startswith("FP") else
                    np.array([np.iinfo(dtype).min, 0, np.iinfo(dtype).max], dtype))
                result = self.infer_json(f"same_{datatype}", {"x": values}, ["y"])
                self.assertEqual(set(result.get_output("y")), {"name", "datatype", "shape", "data"})
                self.assert_tensor(result.as_numpy("y"), values)

    def test_strings(self):
        words = np.array([["a", ""], ["küche", "\u0000\"\\\n"]], dtype=object).reshape(4)
        result = self.infer_json("strings", {"text": words}, ["y"])
        self.assertEqual(result.get_output("y")["data"], list(words))

    def test_half_precision_asks_for_binary(self):
        values = np.ones(2, np.float16)
        with self.refused("INVALID_ARGUMENT", "output 'y' is FP16, which JSON cannot say; ask for it with binary_data"):
            self.client.infer("same_FP16", [self.input("x", values)], outputs=[triton.InferRequestedOutput("y", binary_data=False)])

    def test_beside_binary_tensors(self):
        a, b = np.array([1, 2, 2 ** 53 + 1], np.int64), ramp(1, 4)
        for binary_in in ((True, False), (False, True)):
            for binary_out in ((True, False), (False, True)):
                inputs = [self.input("a", a, binary_data=binary_in[0]), self.input("b", b, binary_data=binary_in[1])]
                outputs = [triton.InferRequestedOutput("z", binary_data=binary_out[0]),
                           triton.InferRequestedOutput("y", binary_data=binary_out[1])]
                result = self.client.infer("two", inputs, outputs=outputs)
                self.assertEqual([("data" in output) for output in result.get_response()["outputs"]],
                                 [not binary for binary in binary_out])
                self.assert_tensor(result.as_numpy("y"), a + 1)
                self.assert_tensor(result.as_numpy("z"), b + 1)


class Bodies(HttpTest):
    def test_compressed_both_ways(self):
        values = np.tile(np.arange(1000, dtype=np.int32), 100)
        for request in (None, "gzip", "deflate"):
            for response in (None, "gzip", "deflate"):
                for binary in (True, False):
                    with self.subTest(request=request, response=response, binary=binary):
                        result = self.client.infer(
                            "same_INT32", [self.input("x", values, binary_data=binary)],
                            outputs=[triton.InferRequestedOutput("y", binary_data=binary)],
                            request_compression_algorithm=request, response_compression_algorithm=response)
                        self.assert_tensor(result.as_numpy("y"), values)

    def test_made_and_read_without_the_clients_transport(self):
        x = ramp(1, 16)
        body, size = triton.InferenceServerClient.generate_request_body([self.input("x", x)])
        answer = self.server.ask("POST", "/v2/models/relu/infer", bytes(body), {"Inference-Header-Content-Length": size})
        self.assertEqual(answer.status, 200, answer)
        result = triton.InferenceServerClient.parse_response_body(
            answer.body, header_length=int(answer.headers["inference-header-content-length"]))
        self.assert_tensor(result.as_numpy("y"), np.maximum(x, 0))


class SideBySide(HttpTest):
    def test_requests_on_several_connections(self):
        client = self.new_client(concurrency=8)
        requests = [client.async_infer("same_INT32", [self.input("x", np.array([number], np.int32))], request_id=str(number))
                    for number in range(100)]
        for number, request in enumerate(requests):
            result = request.get_result(timeout=WAIT_S)
            self.assertEqual((result.get_response()["id"], list(result.as_numpy("y"))), (str(number), [number]))

    def test_a_failure_is_that_of_its_request(self):
        client = self.new_client(concurrency=2)
        bad = client.async_infer("relu", [self.input("x", ramp(1, 3))])
        good = client.async_infer("relu", [self.input("x", ramp(1, 16))])
        with self.refused("INVALID_ARGUMENT", "input 'x' has shape [1,3]"):
            bad.get_result(timeout=WAIT_S)
        self.assert_tensor(good.get_result(timeout=WAIT_S).as_numpy("y"), np.maximum(ramp(1, 16), 0))


class Asyncio(HttpTest):
    def test_everything_once(self):
        async def ask():
            async with triton.aio.InferenceServerClient(self.server.address) as client:
                self.assertTrue(await client.is_server_live())
                self.assertTrue(await client.is_server_ready())
                self.assertTrue(await client.is_model_ready("versioned", "2"))
                self.assertFalse(await client.is_model_ready("versioned", "3"))
                self.assertEqual((await client.get_model_metadata("versioned"))["versions"], ["1", "2"])
                results = await asyncio.gather(*(
                    client.infer("same_INT32", [self.input("x", np.array([number], np.int32))]) for number in range(50)))
                self.assertEqual([int(result.as_numpy("y")[0]) for result in results], list(range(50)))
                packed = await client.infer("relu", [self.input("x", ramp(1, 16))], request_compression_algorithm="gzip",
                                            response_compression_algorithm="deflate")
                self.assert_tensor(packed.as_numpy("y"), np.maximum(ramp(1, 16), 0))
                with self.refused("NOT_FOUND", "no model 'rely'"):
                    await client.infer("rely", [self.input("x", ramp(1, 16))])
        asyncio.run(asyncio.wait_for(ask(), WAIT_S))


if __name__ == "__main__":
    unittest.main()
