"""Inference by tritonclient, the same over HTTP and over gRPC: every datatype, names, versions, deadlines and refusals."""
import queue
import unittest

import numpy as np

from clients import GrpcTest, HttpTest, ramp
from program import WAIT_S
from served import DTYPES


class Inference:
    def test_every_datatype_keeps_its_values(self):
        for datatype, dtype in DTYPES.items():
            with self.subTest(datatype):
                floating = datatype in ("FP16", "BF16", "FP32", "FP64")
                if floating:
                    values = np.array([0, -0.5, 1.5, np.inf, -np.inf, 2.0 ** -14]).astype(dtype)
                elif datatype == "BOOL":
                    values = np.array([True, False, True])
                else:
                    values = np.array([np.iinfo(dtype).min, 0, np.iinfo(dtype).max], dtype)
                result = self.infer(f"same_{datatype}", {"x": values})
                self.assert_tensor(result.as_numpy("y"), values)

    def test_half_precision_is_computed_with(self):
        result = self.infer("half", {"x": np.eye(8, dtype=np.float16)})
        weights = result.as_numpy("y")
        self.assertEqual((weights.dtype, weights.shape), (np.float16, (8, 5)))
        # Row by row they are those that the product of all at once showed.
        for row in range(8):
            x = np.zeros((1, 8), np.float16)
            x[0, row] = 2
            self.assert_tensor(self.infer("half", {"x": x}).as_numpy("y"), 2 * weights[row:row + 1])
        self.assertGreater(np.count_nonzero(weights), 8)

    def test_strings(self):
        values = np.array([b"", b"\x00\xff\x00", "küche".encode(), b"x" * 70_000], dtype=object)
        self.assert_tensor(self.infer("strings", {"text": values}).as_numpy("y"), values)
        words = np.array(["a", "bc", "ü"], dtype=object)  # which the client encodes
        self.assert_tensor(self.infer("strings", {"text": words}).as_numpy("y"), np.array([b"a", b"bc", "ü".encode()], dtype=object))

    def test_strings_of_many_lengths(self):
        # Long enough that a transport cuts the message within an element or its length.
        random = np.random.default_rng(3)
        for length in (1, 7, 100, 1000, 5000, 40_000):
            for _ in range(20):
                values = np.array([random.bytes(length) for _ in range(5)], dtype=object)
                self.assert_tensor(self.infer("strings", {"text": values}).as_numpy("y"), values)

    def test_empty_tensors(self):
        self.assert_tensor(self.infer("rows", {"x": np.zeros((0, 4), np.float32)}).as_numpy("y"), np.zeros((0, 4), np.float32))

    def test_several_inputs_and_outputs(self):
        tensors = {"a": np.array([1, 2, 2 ** 53 + 1], np.int64), "b": ramp(1, 4)}
        result = self.infer("two", tensors)
        self.assert_tensor(result.as_numpy("y"), tensors["a"] + 1)
        self.assert_tensor(result.as_numpy("z"), tensors["b"] + 1)
        self.assertIsNone(result.as_numpy("nothing"))
        only = self.infer("two", tensors, outputs=[self.triton.InferRequestedOutput("y")])
        self.assert_tensor(only.as_numpy("y"), tensors["a"] + 1)
        self.assertIsNone(only.as_numpy("z"))

    def test_large_tensors(self):
        values = np.random.default_rng(1).standard_normal((1, 3, 224, 224), np.float32)
        for _ in range(3):
            self.assert_tensor(self.infer("image", {"x": values}).as_numpy("y"), np.maximum(values, 0))
        many = np.arange(5 << 20, dtype=np.int32)  # 20 MiB
        self.assert_tensor(self.infer("same_INT32", {"x": many}).as_numpy("y"), many)

    def test_rows_of_a_batch(self):
        values = ramp(5, 4)
        self.assert_tensor(self.infer("rows", {"x": values}).as_numpy("y"), values + 1)

    def test_what_an_answer_says(self):
        self.assertEqual(self.said(self.infer("relu", {"x": ramp(1, 16)})), {"model_name": "relu", "model_version": "1"})
        for request_id in ("7", "küche \"1\"\n", "x" * 500):
            result = self.infer("relu", {"x": ramp(1, 16)}, request_id=request_id)
            self.assertEqual(self.said(result), {"model_name": "relu", "model_version": "1", "id": request_id})
        self.assertEqual(self.described(result, "y"), ("y", "FP32", [1, 16]))

    def test_versions(self):
        x = ramp(4)
        for pinned, version in (("", 2), ("1", 1), ("2", 2)):
            result = self.infer("versioned", {"x": x}, model_version=pinned)
            self.assertEqual(self.said(result)["model_version"], str(version))
            self.assert_tensor(result.as_numpy("y"), x + version)
        result = self.infer("versioned", {"x": x}, headers={"x-model-version": "1"})
        self.assert_tensor(result.as_numpy("y"), x + 1)
        with self.refused("NOT_FOUND", "model 'versioned' has no version 3"):
            self.infer("versioned", {"x": x}, model_version="3")
        with self.refused("INVALID_ARGUMENT", "version 'new'"):
            self.infer("versioned", {"x": x}, model_version="new")

    def test_priorities_and_parameters_of_the_callers_own(self):
        for priority in (0, 1, 2, 7):
            result = self.infer("relu", {"x": ramp(1, 16)}, priority=priority, timeout=10_000_000,
                                parameters={"tenant": "blue", "attempt": 3, "share": 0.5, "cached": True})
            self.assert_tensor(result.as_numpy("y"), np.maximum(ramp(1, 16), 0))

    def test_refusals(self):
        x = ramp(1, 16)
        for code, text, ask in (
                ("NOT_FOUND", "no model 'rely' is served; did you mean 'relu'?", lambda: self.infer("rely", {"x": x})),
                ("INVALID_ARGUMENT", "model 'relu' has no input 'q'; known: x", lambda: self.infer("relu", {"q": x})),
                ("INVALID_ARGUMENT", "input 'x' has shape [1,15]; model 'relu' takes [1,16]", lambda: self.infer("relu", {"x": ramp(1, 15)})),
                ("INVALID_ARGUMENT", "input 'x' is FP64; model 'relu' takes FP32", lambda: self.infer("relu", {"x": x.astype(np.float64)})),
                ("INVALID_ARGUMENT", "input 'b'", lambda: self.infer("two", {"a": np.zeros(3, np.int64)})),
                ("INVALID_ARGUMENT", "model 'relu' has no output 'z'; known: y",
                 lambda: self.infer("relu", {"x": x}, outputs=[self.triton.InferRequestedOutput("z")])),
                ("RESOURCE_EXHAUSTED", "out of paper", lambda: self.infer("failing", {"x": ramp(1)})),
                ("UNIMPLEMENTED", "sequences are not supported",
                 lambda: self.infer("relu", {"x": x}, sequence_id=5, sequence_start=True))):
            with self.subTest(text), self.refused(code, text):
                ask()
        self.assert_tensor(self.infer("relu", {"x": x}).as_numpy("y"), np.maximum(x, 0))

    def test_deadline_of_a_request(self):
        rows = ramp(50, 1)
        first = self.start_infer("slow", {"x": rows})
        self.wait_until_slow_runs()
        with self.refused("DEADLINE_EXCEEDED"):
            self.infer("slow", {"x": ramp(1, 1)}, timeout=1000)
        self.assert_tensor(first().as_numpy("y"), rows)


class OverHttp(Inference, HttpTest):
    def described(self, result, name):
        output = result.get_output(name)
        return output["name"], output["datatype"], output["shape"]

    def start_infer(self, model, tensors):
        client = self.new_client()
        request = client.async_infer(model, [self.input(name, values) for name, values in tensors.items()])
        return request.get_result


class OverGrpc(Inference, GrpcTest):
    def described(self, result, name):
        output = result.get_output(name)
        return output.name, output.datatype, list(output.shape)

    def start_infer(self, model, tensors):
        results = queue.SimpleQueue()
        self.client.async_infer(model, [self.input(name, values) for name, values in tensors.items()],
                                callback=lambda result, error: results.put((result, error)))

        def wait():
            result, error = results.get(timeout=WAIT_S)
            self.assertIsNone(error)
            return result
        return wait


if __name__ == "__main__":
    unittest.main()
