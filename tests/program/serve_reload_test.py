"""Versions, routes and statistics of a server, and models that change while it serves."""
import json
import time
import unittest

from program import ProgramTest, run


def script(added):
    return f"input x FP32 -1,2\noutput y FP32 -1,2\nop add {added}\n"


REQUEST = {"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1, 2]}]}


class Versions(ProgramTest):
    def answer(self, server, version=None, headers=None):
        """The version that answered, and what it added."""
        answer = server.infer("m", REQUEST, version=version, headers=headers)
        self.assertEqual(answer.status, 200, answer)
        body = answer.json()
        self.assertEqual(answer.headers["x-model-version"], body["model_version"])
        return body["model_version"], body["outputs"][0]["data"][0] - 1

    def until(self, wanted, ask):
        """Asks until the answer is the wanted one; bounded."""
        end = time.monotonic() + 60
        while (got := ask()) != wanted:
            self.assertLess(time.monotonic(), end, f"still {got}, not {wanted}")
            time.sleep(0.01)

    def watch(self, *arguments):
        return self.serve(*arguments, "--watch-ms", "20")

    def test_the_highest_version_is_served_and_a_new_one_takes_over(self):
        self.path("m/1/m.fake", script(1))
        self.path("m/2/m.fake", script(2))
        server = self.watch(self.directory / "m")
        self.assertEqual(self.answer(server), ("2", 2))
        self.path("m/10/m.fake", script(10))
        self.until(("10", 10), lambda: self.answer(server))
        self.assertEqual(server.ask("GET", "/v2/models/m").json()["versions"], ["10"])
        refused = server.infer("m", REQUEST, version=2)
        self.assertEqual((refused.status, refused.error()), (404, "model 'm' has no version 2; it has 10"))

    def test_a_file_that_no_engine_takes_changes_nothing_and_is_reported(self):
        self.path("m/m.fake", script(1))
        server = self.watch(self.directory / "m")
        self.path("m/m.fake", "input x\n")
        self.until(True, lambda: "what failed stays as it was" in server.error_text())
        self.assertEqual(self.answer(server), ("1", 1))
        self.path("m/m.fake", script(3))
        self.until(("1", 3), lambda: self.answer(server))

    def test_weights_keys_and_pins(self):
        for version in (1, 2, 3):
            self.path(f"m/{version}/m.fake", script(version))
        config = self.path("models.yaml", "schema: 1\nmodels:\n  - path: m\n    route: {weights: {1: 3, 2: 1, 3: 0}}\n")
        server = self.watch(config)
        got = [self.answer(server)[0] for _ in range(40)]
        self.assertAlmostEqual(got.count("1"), 30, delta=2)
        self.assertEqual(got.count("1") + got.count("2"), 40)
        keyed = {key: self.answer(server, headers={"x-sticky-key": key})[0] for key in map(str, range(40))}
        self.assertEqual(set(keyed.values()), {"1", "2"})
        for key, version in keyed.items():
            self.assertEqual(self.answer(server, headers={"x-sticky-key": key})[0], version)
        self.assertEqual(self.answer(server, version=3), ("3", 3))
        self.assertEqual(self.answer(server, headers={"x-model-version": "3"}), ("3", 3))
        # Another route, without a load; then a mistake, which changes nothing and has a place.
        self.path("models.yaml", "schema: 1\nmodels:\n  - path: m\n    route: {weights: {1: 0, 2: 0, 3: 1}}\n")
        self.until(("3", 3), lambda: self.answer(server))
        self.assertEqual(self.answer(server, version=1), ("1", 1))
        self.path("models.yaml", "schema: 1\nmodels:\n  - path: m\n    rout: {}\n")
        self.until(True, lambda: "models.yaml:4:5: unknown key 'rout'; did you mean 'route'?" in server.error_text())
        self.assertEqual(self.answer(server), ("3", 3))

    def test_a_shadow_is_compared_and_never_answers(self):
        self.path("m/1/m.fake", script(1))
        self.path("m/2/m.fake", script(2))
        config = self.path("models.yaml", "schema: 1\nmodels:\n  - path: m\n    route: {weights: {1: 1}, shadow: {2: 100}}\n")
        server = self.watch(config)
        for _ in range(5):
            self.assertEqual(self.answer(server), ("1", 1))

        def differed():
            statistics = server.ask("GET", "/v2/models/m/versions/2/stats").json()["model_stats"][0]
            return statistics["oarlock"]["shadow"]["differed"]
        self.until(5, differed)

    def test_statistics_add_up(self):
        self.path("m/m.fake", script(1))
        server = self.watch(self.directory / "m", "--max-batch-size", "4")
        for _ in range(3):
            self.answer(server)
        self.assertEqual(server.infer("m", {"inputs": [{**REQUEST["inputs"][0], "shape": [5, 2], "data": 10 * [0]}]}).status, 400)
        for target in ("/v2/models/m/stats", "/v2/models/stats", "/v2/models/m/versions/1/stats"):
            statistics, = server.ask("GET", target).json()["model_stats"]
            self.assertEqual((statistics["name"], statistics["version"]), ("m", "1"))
            self.assertEqual((statistics["inference_count"], statistics["execution_count"]), (3, 3))
            for name in ("success", "queue", "compute_input", "compute_infer", "compute_output"):
                self.assertEqual(statistics["inference_stats"][name]["count"], 3, name)
            self.assertEqual(statistics["inference_stats"]["fail"]["count"], 0)
            batch, = statistics["batch_stats"]
            self.assertEqual((batch["batch_size"], batch["compute_infer"]["count"]), (1, 3))
            self.assertEqual(sum(statistics["oarlock"]["batches_closed"].values()), 3)
            self.assertEqual(sum(statistics["oarlock"]["compute_us_log2"]), 3)
            self.assertGreater(statistics["last_inference"], 1e12)
        self.assertEqual(server.ask("GET", "/v2/models/n/stats").status, 404)
        self.assertEqual(server.ask("GET", "/v2/models/m/versions/9/stats").status, 404)

    def test_what_cannot_be_batched_says_why(self):
        model = self.path("m/m.fake", "input x FP32 1,2\noutput y FP32 1,2\nop add 1\n")
        refused = run("serve", model, "--http", "127.0.0.1:0", "--max-batch-size", "4")
        self.assertEqual(refused.code, 1)
        self.assertIn("input 'x' has shape [1,2], and dim 0 must be dynamic", refused.err)

    def test_a_changed_configuration_beside_models_waits_for_a_start(self):
        self.path("m/m.fake", script(1))
        config = self.path("models.yaml", "schema: 1\nmodels: [{path: m}]\n")
        server = self.watch(config)
        self.path("models.yaml", json.dumps({"schema": 1, "http_threads": 2, "models": [{"path": "m"}]}))
        self.until(True, lambda: "taken over at the next start" in server.error_text())


if __name__ == "__main__":
    unittest.main()
