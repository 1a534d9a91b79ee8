"""Classes instead of tensors (`class_count`) by tritonclient, the same over HTTP and over gRPC."""
import unittest

import numpy as np

from clients import GrpcTest, HttpTest, ramp


def taken_apart(values):
    """[(value, index)] of b"value:index" elements."""
    return [(float(value), int(index)) for value, index in (each.decode().split(":") for each in values.reshape(-1))]


class Classification:
    def classes(self, model, tensors, output, count, **how):
        outputs = [self.triton.InferRequestedOutput(output, class_count=count, **how)]
        return self.infer(model, tensors, outputs=outputs).as_numpy(output)

    def test_extension_is_listed(self):
        self.assertIn("classification", self.asked("get_server_metadata")["extensions"])

    def test_best_first(self):
        x = np.array([[3, -1, 7, 0.5, 7, 2] + [0] * 10], np.float32)
        best = self.classes("relu", {"x": x}, "y", 4)
        self.assertEqual(best.shape, (1, 4))
        self.assertEqual(taken_apart(best), [(7, 2), (7, 4), (3, 0), (2, 5)])

    def test_each_row_by_itself(self):
        x = np.array([[1, 2, 3, 4], [8, 7, 6, 5]], np.float32)
        for model in ("rows", "gathered"):
            best = self.classes(model, {"x": x}, "y", 2)
            self.assertEqual(best.shape, (2, 2))
            self.assertEqual(taken_apart(best), [(5, 3), (4, 2), (9, 0), (8, 1)])

    def test_no_more_than_there_are(self):
        best = self.classes("versioned", {"x": np.array([1, 4, 2, 3], np.float32)}, "y", 1000)
        self.assertEqual(taken_apart(best), [(6, 1), (5, 3), (4, 2), (3, 0)])

    def test_integers(self):
        values = np.array([-5, 40, 7], np.int32)
        self.assertEqual(taken_apart(self.classes("same_INT32", {"x": values}, "y", 2)), [(40, 1), (7, 2)])

    def test_beside_a_tensor(self):
        tensors = {"a": np.array([5, 9, 1], np.int64), "b": ramp(1, 4)}
        outputs = [self.triton.InferRequestedOutput("y", class_count=1), self.triton.InferRequestedOutput("z")]
        result = self.infer("two", tensors, outputs=outputs)
        self.assertEqual(taken_apart(result.as_numpy("y")), [(10, 1)])
        self.assert_tensor(result.as_numpy("z"), tensors["b"] + 1)

    def test_strings_have_no_order(self):
        with self.refused("INVALID_ARGUMENT", "BYTES"):
            self.classes("strings", {"text": np.array([b"a", b"b"], dtype=object)}, "y", 1)


class OverHttp(Classification, HttpTest):
    def test_as_json(self):
        outputs = [self.triton.InferRequestedOutput("y", binary_data=False, class_count=2)]
        result = self.infer("versioned", {"x": np.array([1, 4, 2, 3], np.float32)}, outputs=outputs)
        self.assertEqual(result.get_output("y")["datatype"], "BYTES")
        self.assertEqual([text.split(":")[1] for text in result.get_output("y")["data"]], ["1", "3"])


class OverGrpc(Classification, GrpcTest):
    pass


if __name__ == "__main__":
    unittest.main()
