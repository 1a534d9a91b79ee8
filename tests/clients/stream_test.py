"""ModelStreamInfer by tritonclient: order, failures that end the stream or do not, cancellation, the marker of the last answer."""
import queue
import unittest

import numpy as np

from clients import GrpcTest, ramp
from program import WAIT_S

LONG = ramp(2000, 1)


class Stream(GrpcTest):
    def open(self, **options):
        """(client, queue of (result, error)); the stream is closed after the test."""
        client, answers = self.new_client(), queue.SimpleQueue()
        client.start_stream(callback=lambda result, error: answers.put((result, error)), **options)
        self.addCleanup(client.stop_stream)
        return client, answers

    def send(self, client, model, tensors, **options):
        client.async_stream_infer(model, [self.input(name, values) for name, values in tensors.items()], **options)

    def next_result(self, answers):
        result, error = answers.get(timeout=WAIT_S)
        self.assertIsNone(error)
        return result

    def test_answers_come_in_the_order_asked(self):
        client, answers = self.open()
        # The slow one first: what comes behind it is computed meanwhile, and told after it.
        self.send(client, "slow", {"x": ramp(5, 1)}, request_id="slow")
        for number in range(200):
            self.send(client, "same_INT32", {"x": np.array([number], np.int32)}, request_id=str(number))
        self.assert_tensor(self.next_result(answers).as_numpy("y"), ramp(5, 1))
        for number in range(200):
            result = self.next_result(answers)
            self.assertEqual((result.get_response().id, list(result.as_numpy("y"))), (str(number), [number]))

    def test_closing_waits_for_what_was_asked(self):
        client, answers = self.open()
        for number in range(50):
            self.send(client, "same_INT32", {"x": np.array([number], np.int32)})
        client.stop_stream()
        self.assertEqual([int(self.next_result(answers).as_numpy("y")[0]) for _ in range(50)], list(range(50)))
        self.assertTrue(answers.empty())

    def test_several_models_and_versions_on_one_stream(self):
        client, answers = self.open()
        self.send(client, "versioned", {"x": ramp(4)}, model_version="1")
        self.send(client, "versioned", {"x": ramp(4)})
        self.send(client, "strings", {"text": np.array([b"a", b""], dtype=object)})
        self.assert_tensor(self.next_result(answers).as_numpy("y"), ramp(4) + 1)
        self.assert_tensor(self.next_result(answers).as_numpy("y"), ramp(4) + 2)
        self.assertEqual(list(self.next_result(answers).as_numpy("y")), [b"a", b""])

    def test_a_failure_is_an_answer_and_the_stream_goes_on(self):
        client, answers = self.open()
        self.send(client, "rely", {"x": ramp(1, 16)})
        self.send(client, "relu", {"x": ramp(1, 3)})
        self.send(client, "relu", {"x": ramp(1, 16)})
        for text in ("no model 'rely'", "input 'x' has shape [1,3]"):
            result, error = answers.get(timeout=WAIT_S)
            self.assertIsNone(result)
            self.assertIn(text, error.message())
            self.assertIsNone(error.status())
        self.assert_tensor(self.next_result(answers).as_numpy("y"), np.maximum(ramp(1, 16), 0))

    def test_triton_grpc_error_ends_the_stream_with_the_status(self):
        client, answers = self.open(headers={"triton_grpc_error": "true"})
        self.send(client, "relu", {"x": ramp(1, 16)})
        self.assert_tensor(self.next_result(answers).as_numpy("y"), np.maximum(ramp(1, 16), 0))
        self.send(client, "rely", {"x": ramp(1, 16)})
        result, error = answers.get(timeout=WAIT_S)
        self.assertIsNone(result)
        self.assertEqual(error.status(), "StatusCode.NOT_FOUND")
        self.assertIn("no model 'rely'", error.message())

    def test_marker_of_the_last_answer(self):
        client, answers = self.open()
        for asked in (True, False):
            self.send(client, "relu", {"x": ramp(1, 16)}, enable_empty_final_response=asked)
            parameters = self.next_result(answers).get_response().parameters
            self.assertEqual({name: value.bool_param for name, value in parameters.items()},
                             {"triton_final_response": True} if asked else {})

    def test_cancelled(self):
        client, answers = self.open()
        self.send(client, "slow", {"x": LONG})
        self.wait_until_slow_runs()
        client.stop_stream(cancel_requests=True)
        result, error = answers.get(timeout=WAIT_S)
        self.assertIsNone(result)
        self.assertEqual(error.status(), "StatusCode.CANCELLED")
        self.assert_tensor(self.infer("slow", {"x": ramp(1, 1)}, client_timeout=20).as_numpy("y"), ramp(1, 1))

    def test_deadline_of_the_stream(self):
        client, answers = self.open(stream_timeout=0.2)
        self.send(client, "slow", {"x": LONG})
        _, error = answers.get(timeout=WAIT_S)
        self.assertEqual(error.status(), "StatusCode.DEADLINE_EXCEEDED")
        self.assert_tensor(self.infer("slow", {"x": ramp(1, 1)}, client_timeout=20).as_numpy("y"), ramp(1, 1))

    def test_large_and_compressed(self):
        client, answers = self.open(compression_algorithm="gzip")
        values = np.random.default_rng(1).standard_normal((1, 3, 224, 224), np.float32)
        for _ in range(5):
            self.send(client, "image", {"x": values})
        for _ in range(5):
            self.assert_tensor(self.next_result(answers).as_numpy("y"), np.maximum(values, 0))


if __name__ == "__main__":
    unittest.main()
