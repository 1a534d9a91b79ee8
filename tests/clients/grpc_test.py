"""What tritonclient does over gRPC alone: futures, deadlines of its own, cancellation, compressed messages, asyncio."""
import asyncio
import queue
import unittest

import numpy as np
import tritonclient.grpc as triton
import tritonclient.grpc.aio

from clients import GrpcTest, ramp
from program import WAIT_S

# 40 s of one execution: no test waits for it.
LONG = ramp(2000, 1)


class Futures(GrpcTest):
    def async_infer(self, model, tensors, **options):
        """(future, queue of (result, error))"""
        answers = queue.SimpleQueue()
        inputs = [self.input(name, values) for name, values in tensors.items()]
        future = self.client.async_infer(model, inputs, callback=lambda result, error: answers.put((result, error)), **options)
        return future, answers

    def test_a_hundred_at_once(self):
        asked = [self.async_infer("same_INT32", {"x": np.array([number], np.int32)}, request_id=str(number)) for number in range(100)]
        for number, (_, answers) in enumerate(asked):
            result, error = answers.get(timeout=WAIT_S)
            self.assertIsNone(error)
            self.assertEqual((result.get_response().id, list(result.as_numpy("y"))), (str(number), [number]))

    def test_a_failure_is_told_to_its_callback(self):
        _, answers = self.async_infer("relu", {"x": ramp(1, 3)})
        result, error = answers.get(timeout=WAIT_S)
        self.assertIsNone(result)
        self.assertEqual(error.status(), "StatusCode.INVALID_ARGUMENT")
        self.assertIn("input 'x' has shape [1,3]", error.message())

    def test_cancelled_by_the_caller(self):
        future, answers = self.async_infer("slow", {"x": LONG})
        self.wait_until_slow_runs()
        future.cancel()
        _, error = answers.get(timeout=WAIT_S)
        self.assertEqual(error.status(), "StatusCode.CANCELLED")
        # The one execution is free again, long before the request would have been answered.
        self.assert_tensor(self.infer("slow", {"x": ramp(1, 1)}, client_timeout=20).as_numpy("y"), ramp(1, 1))

    def test_deadline_of_the_call(self):
        with self.refused("DEADLINE_EXCEEDED"):
            self.infer("slow", {"x": LONG}, client_timeout=0.1)
        self.assert_tensor(self.infer("slow", {"x": ramp(1, 1)}, client_timeout=20).as_numpy("y"), ramp(1, 1))

    def test_deadlines_of_other_calls(self):
        self.assertTrue(self.client.is_server_live(client_timeout=WAIT_S))
        self.assertEqual(self.client.get_server_metadata(client_timeout=WAIT_S).name, "oarlock")


class Messages(GrpcTest):
    def test_compressed(self):
        values = np.tile(np.arange(1000, dtype=np.int32), 100)
        for algorithm in ("gzip", "deflate"):
            result = self.infer("same_INT32", {"x": values}, compression_algorithm=algorithm)
            self.assert_tensor(result.as_numpy("y"), values)

    def test_one_raw_content_for_each_output_and_none_typed(self):
        response = self.infer("two", {"a": np.zeros(3, np.int64), "b": ramp(1, 4)}).get_response()
        self.assertEqual([output.name for output in response.outputs], ["z", "y"])
        self.assertEqual([len(raw) for raw in response.raw_output_contents], [16, 24])
        self.assertFalse(any(output.HasField("contents") for output in response.outputs))
        empty = self.infer("rows", {"x": np.zeros((0, 4), np.float32)}).get_response()
        self.assertEqual((list(empty.outputs[0].shape), list(empty.raw_output_contents)), ([0, 4], [b""]))

    def test_version_in_the_metadata_of_the_answer(self):
        x = self.input("x", ramp(4))
        request = triton.service_pb2.ModelInferRequest(model_name="versioned", inputs=[x._get_tensor()], raw_input_contents=[x._get_content()])
        _, call = self.client._client_stub.ModelInfer.with_call(request, metadata=[("x-model-version", "1")])
        self.assertIn(("x-model-version", "1"), [tuple(pair) for pair in call.initial_metadata()])


class Asyncio(GrpcTest):
    def test_everything_once(self):
        async def ask():
            async with triton.aio.InferenceServerClient(self.server.address) as client:
                self.assertTrue(await client.is_server_live())
                self.assertTrue(await client.is_server_ready())
                self.assertTrue(await client.is_model_ready("versioned", "2"))
                self.assertFalse(await client.is_model_ready("versioned", "3"))
                self.assertEqual(list((await client.get_model_metadata("versioned")).versions), ["1", "2"])
                results = await asyncio.gather(*(
                    client.infer("same_INT32", [self.input("x", np.array([number], np.int32))]) for number in range(50)))
                self.assertEqual([int(result.as_numpy("y")[0]) for result in results], list(range(50)))
                with self.refused("NOT_FOUND", "no model 'rely'"):
                    await client.infer("rely", [self.input("x", ramp(1, 16))])
                with self.refused("DEADLINE_EXCEEDED"):
                    await client.infer("slow", [self.input("x", LONG)], client_timeout=0.1)
        asyncio.run(asyncio.wait_for(ask(), WAIT_S))

    def test_stream(self):
        async def questions():
            for number in range(20):
                yield {"model_name": "same_INT32", "inputs": [self.input("x", np.array([number], np.int32))], "request_id": str(number)}
            yield {"model_name": "rely", "inputs": [self.input("x", ramp(1, 16))]}

        async def ask():
            async with triton.aio.InferenceServerClient(self.server.address) as client:
                answers = [answer async for answer in client.stream_infer(questions())]
            self.assertEqual([(result.get_response().id, int(result.as_numpy("y")[0])) for result, _ in answers[:-1]],
                             [(str(number), number) for number in range(20)])
            self.assertIn("no model 'rely'", answers[-1][1].message())
        asyncio.run(asyncio.wait_for(ask(), WAIT_S))


if __name__ == "__main__":
    unittest.main()
