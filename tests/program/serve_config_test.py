"""GET /v2/models/M/config: what perf_analyzer reads of it, and that it agrees with the metadata."""
import unittest

from program import Server, ServerTest, write_fake


class Config(ServerTest):
    @classmethod
    def start(cls, directory):
        write_fake(directory, "plain", "input x FP32 1,4\noutput y FP32 1,4\n")
        write_fake(directory, "rows", "input x FP32 -1,4\ninput n INT64 -1\noutput y FP32 -1,4\noutput o INT64 -1\n")
        (directory / "rows" / "model.yaml").write_text(
            "schema: 1\nbatching: {max_batch_size: 8, max_delay_us: 300, buckets: [2, 8]}\n", encoding="utf-8")
        return Server(directory, "--executions", 2)

    def config(self, path):
        answer = self.server.ask("GET", f"/v2/models/{path}/config")
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "application/json"), answer)
        return answer.json()

    def test_a_model_without_batching(self):
        wanted = {
            "name": "plain", "platform": "fake_fake", "backend": "fake", "version_policy": {"specific": {"versions": [1]}},
            "max_batch_size": 0,
            "input": [{"name": "x", "data_type": "TYPE_FP32", "dims": [1, 4], "is_shape_tensor": False,
                       "format": "FORMAT_NONE", "optional": False}],
            "output": [{"name": "y", "data_type": "TYPE_FP32", "dims": [1, 4], "is_shape_tensor": False}],
            "instance_group": [{"name": "plain", "kind": "KIND_CPU", "count": 2}],
            "model_transaction_policy": {"decoupled": False}}
        for path in ("plain", "plain/versions/1", "pl%61in"):
            self.assertEqual(self.config(path), wanted)

    def test_a_model_with_batching(self):
        config = self.config("rows")
        self.assertEqual(config["max_batch_size"], 8)
        self.assertEqual(config["dynamic_batching"], {"preferred_batch_size": [2, 8], "max_queue_delay_microseconds": 300})
        self.assertEqual([each["dims"] for each in config["input"]], [[4], []])
        self.assertEqual([each["data_type"] for each in config["output"]], ["TYPE_FP32", "TYPE_INT64"])

    def test_metadata_has_the_dim_that_the_configuration_leaves_out(self):
        config, metadata = self.config("rows"), self.server.ask("GET", "/v2/models/rows").json()
        for of_config, of_metadata in (("input", "inputs"), ("output", "outputs")):
            for one, other in zip(config[of_config], metadata[of_metadata]):
                self.assertEqual((one["name"], [-1, *one["dims"]]), (other["name"], other["shape"]))

    def test_what_is_not_there(self):
        self.assert_error(self.server.ask("GET", "/v2/models/plan/config"), 404, "'plan'")
        self.assert_error(self.server.ask("GET", "/v2/models/plain/versions/2/config"), 404, "no version 2")
        self.assert_error(self.server.ask("POST", "/v2/models/plain/config", b"{}"), 405, "takes GET, HEAD, OPTIONS")


if __name__ == "__main__":
    unittest.main()
