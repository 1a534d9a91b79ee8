"""Configurations of models by tritonclient, the same over HTTP and over gRPC."""
import unittest

from clients import GrpcTest, HttpTest


class Configuration:
    def configuration(self, *arguments):
        raise NotImplementedError

    def tensors(self, tensors):
        return [(each["name"], each["data_type"], [int(dim) for dim in each.get("dims", [])]) for each in tensors]

    def test_extension_is_listed(self):
        self.assertIn("model_configuration", self.asked("get_server_metadata")["extensions"])

    def test_model_without_batching(self):
        found = self.configuration("two")
        self.assertEqual((found["name"], found["platform"], found["backend"]), ("two", "onnxruntime_onnx", "onnxruntime"))
        self.assertEqual(int(found.get("max_batch_size", 0)), 0)
        self.assertEqual(self.tensors(found["input"]), [("b", "TYPE_FP32", [1, 4]), ("a", "TYPE_INT64", [3])])
        self.assertEqual(self.tensors(found["output"]), [("z", "TYPE_FP32", [1, 4]), ("y", "TYPE_INT64", [3])])
        self.assertNotIn("dynamic_batching", found)
        self.assertNotIn("sequence_batching", found)
        self.assertFalse(found.get("model_transaction_policy", {}).get("decoupled", False))

    def test_dim_of_the_batch_is_left_out_where_requests_are_gathered(self):
        found = self.configuration("gathered")
        self.assertEqual(int(found["max_batch_size"]), 8)
        self.assertEqual(self.tensors(found["input"]), [("x", "TYPE_FP32", [4])])
        self.assertEqual(self.tensors(found["output"]), [("y", "TYPE_FP32", [4])])
        self.assertEqual(int(found["dynamic_batching"]["max_queue_delay_microseconds"]), 500)
        # The metadata keeps it.
        shape = self.asked("get_model_metadata", "gathered")["inputs"][0]["shape"]
        self.assertEqual([int(dim) for dim in shape], [-1, 4])

    def test_same_model_without_batching_keeps_the_dim(self):
        found = self.configuration("rows")
        self.assertEqual(int(found.get("max_batch_size", 0)), 0)
        self.assertEqual(self.tensors(found["input"]), [("x", "TYPE_FP32", [-1, 4])])

    def test_datatypes(self):
        for datatype in ("BOOL", "UINT8", "INT16", "FP16", "BF16", "FP64"):
            self.assertEqual(self.tensors(self.configuration(f"same_{datatype}")["input"]), [("x", f"TYPE_{datatype}", [-1])])
        self.assertEqual(self.tensors(self.configuration("strings")["input"]), [("text", "TYPE_STRING", [-1])])

    def test_instances(self):
        group, = self.configuration("slow")["instance_group"]
        self.assertEqual((int(group["count"]), group["kind"]), (1, "KIND_CPU"))

    def test_versions(self):
        for version in ("", "1", "2"):
            self.assertEqual(self.configuration("versioned", version)["name"], "versioned")
        with self.refused("NOT_FOUND", "model 'versioned' has no version 3"):
            self.configuration("versioned", "3")
        with self.refused("NOT_FOUND", "no model 'rely' is served; did you mean 'relu'?"):
            self.configuration("rely")


class OverHttp(Configuration, HttpTest):
    def configuration(self, *arguments):
        return self.asked("get_model_config", *arguments)


class OverGrpc(Configuration, GrpcTest):
    def configuration(self, *arguments):
        return self.asked("get_model_config", *arguments)["config"]


if __name__ == "__main__":
    unittest.main()
