"""Health, metadata and statistics by tritonclient, the same over HTTP and over gRPC."""
import re
import unittest

import numpy as np

from clients import GrpcTest, HttpTest, ramp
from program import SOURCE

DURATIONS = ("success", "fail", "queue", "compute_input", "compute_infer", "compute_output", "cache_hit", "cache_miss")


def numbers(value):
    """64-bit numbers, which protobuf writes into JSON as strings, as numbers; and 0 for what it leaves out."""
    return int(value or 0)


class Metadata:
    def test_health(self):
        self.assertIs(self.client.is_server_live(), True)
        self.assertIs(self.client.is_server_ready(), True)
        for name, version, ready in (("relu", "", True), ("versioned", "1", True), ("versioned", "3", False), ("rely", "", False)):
            self.assertIs(self.client.is_model_ready(name, version), ready, (name, version))

    def test_server(self):
        version = re.search(r"project\(oarlock VERSION ([\d.]+)", (SOURCE / "CMakeLists.txt").read_text(encoding="utf-8"))[1]
        metadata = self.asked("get_server_metadata")
        self.assertEqual((metadata["name"], metadata["version"]), ("oarlock", version))
        self.assertLessEqual({"binary_tensor_data", "statistics"}, set(metadata["extensions"]))

    def test_model(self):
        metadata = self.asked("get_model_metadata", "two")
        shapes = lambda tensors: [(each["name"], each["datatype"], [int(dim) for dim in each["shape"]]) for each in tensors]
        self.assertEqual((metadata["name"], metadata["versions"], metadata["platform"]), ("two", ["1"], "onnxruntime_onnx"))
        self.assertEqual(shapes(metadata["inputs"]), [("b", "FP32", [1, 4]), ("a", "INT64", [3])])
        self.assertEqual(shapes(metadata["outputs"]), [("z", "FP32", [1, 4]), ("y", "INT64", [3])])
        # The rows of a batch are a dim like the others, also where the server gathers them.
        self.assertEqual(shapes(self.asked("get_model_metadata", "rows")["inputs"]), [("x", "FP32", [-1, 4])])
        self.assertEqual(shapes(self.asked("get_model_metadata", "batched")["inputs"]), [("x", "FP32", [-1])])

    def test_versions_of_a_model(self):
        for version in ("", "1", "2"):
            self.assertEqual(self.asked("get_model_metadata", "versioned", version)["versions"], ["1", "2"])
        with self.refused("NOT_FOUND", "model 'versioned' has no version 3"):
            self.client.get_model_metadata("versioned", "3")
        with self.refused("NOT_FOUND", "no model 'rely' is served; did you mean 'relu'?"):
            self.client.get_model_metadata("rely")


class MetadataOverHttp(Metadata, HttpTest):
    pass


class MetadataOverGrpc(Metadata, GrpcTest):
    pass


class Statistics:
    def statistics(self, *arguments):
        return {(stats["name"], stats["version"]): stats for stats in self.asked("get_inference_statistics", *arguments)["model_stats"]}

    def test_counts_rise_with_what_was_asked(self):
        before = self.statistics("same_INT32")["same_INT32", "1"]
        for _ in range(7):
            self.infer("same_INT32", {"x": np.zeros(4, np.int32)})
        with self.refused("INVALID_ARGUMENT"):
            self.infer("same_INT32", {"x": np.zeros((2, 2), np.int32)})
        after = self.statistics("same_INT32", "1")["same_INT32", "1"]
        for name in ("inference_count", "execution_count"):
            self.assertEqual(numbers(after.get(name)) - numbers(before.get(name)), 7, name)
        self.assertGreater(numbers(after["last_inference"]), 1_700_000_000_000)  # milliseconds since 1970
        difference = {name: {part: numbers(after["inference_stats"][name].get(part)) - numbers(before["inference_stats"][name].get(part))
                             for part in ("count", "ns")} for name in DURATIONS}
        for name in ("success", "queue", "compute_input", "compute_infer", "compute_output"):
            self.assertEqual(difference[name]["count"], 7, name)
        parts = sum(difference[name]["ns"] for name in ("queue", "compute_input", "compute_infer", "compute_output"))
        self.assertGreater(difference["compute_infer"]["ns"], 0)
        self.assertLessEqual(parts, difference["success"]["ns"])
        for name in ("cache_hit", "cache_miss"):
            self.assertEqual(difference[name], {"count": 0, "ns": 0})
        sizes = {numbers(each["batch_size"]): numbers(each["compute_infer"]["count"]) for each in after["batch_stats"]}
        self.assertEqual(sum(sizes.values()), numbers(after["execution_count"]))

    def test_failures(self):
        before = numbers(self.statistics("failing")["failing", "1"]["inference_stats"]["fail"].get("count"))
        for _ in range(3):
            with self.refused("RESOURCE_EXHAUSTED"):
                self.infer("failing", {"x": ramp(1)})
        stats = self.statistics("failing")["failing", "1"]
        self.assertEqual(numbers(stats["inference_stats"]["fail"]["count"]) - before, 3)
        self.assertEqual(numbers(stats.get("inference_count")), 0)

    def test_of_every_model_and_version(self):
        everything = self.statistics()
        self.assertLessEqual({("relu", "1"), ("versioned", "1"), ("versioned", "2"), ("same_BF16", "1")}, set(everything))
        self.assertEqual(set(self.statistics("versioned")), {("versioned", "1"), ("versioned", "2")})
        self.assertEqual(set(self.statistics("versioned", "2")), {("versioned", "2")})
        with self.refused("NOT_FOUND", "no model 'rely'"):
            self.client.get_inference_statistics("rely")


class StatisticsOverHttp(Statistics, HttpTest):
    pass


class StatisticsOverGrpc(Statistics, GrpcTest):
    pass


if __name__ == "__main__":
    unittest.main()
