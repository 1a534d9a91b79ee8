"""models.yaml: what a server serves, what the file may say, and how it is told what is wrong in it."""
import json
import unittest

from program import ProgramTest, run

ADD = "input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\n"
DOUBLE = "input x FP32 -1,4\noutput y FP32 -1,4\nop double\n"
REQUEST = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4]}]}


class ModelsYamlTest(ProgramTest):
    def config(self, text):
        self.fake(ADD, "models/add")
        return self.path("models.yaml", text)

    def fake(self, script, name="fake"):
        return self.path(f"{name}/model.fake", script).parent

    def refuse(self, text, place, *parts, code=1):
        path = self.config(text)
        for arguments in (("--print-config",), ("--http", "127.0.0.1:0")):
            failed = run("serve", path, *arguments)
            self.assert_fails(failed, f"{path}:{place}: " if place else path, *parts, code=code)


class Served(ModelsYamlTest):
    def test_two_models_by_relative_paths_and_names(self):
        self.fake(DOUBLE, "elsewhere/deep/double")
        path = self.config('schema: 1\nhttp: "127.0.0.1:0"\nmodels:\n  - path: models/add\n    executions: 1\n'
                           '  - path: elsewhere/deep/double/model.fake\n    name: twice as much\n    threads: 1\n')
        server = self.serve(path, http=None)
        self.assertEqual(server.ready_line["models"], ["add", "twice as much"])
        for name, wanted in (("add", [2, 3, 4, 5]), ("twice%20as%20much", [2, 4, 6, 8])):
            self.assertEqual(server.infer(name, REQUEST).json()["outputs"][0]["data"], wanted)

    def test_same_files_under_two_names(self):
        path = self.config("schema: 1\nmodels: [{path: models/add, name: a}, {path: models/add, name: b}]\n")
        server = self.serve(path)
        self.assertEqual(server.ask("GET", "/v2/models").json(), {"models": ["a", "b"]})

    def test_limits_and_threads_of_the_file(self):
        path = self.config("schema: 1\nhttp_threads: 3\nlimits:\n  http_body_bytes_max: 50\n  name_bytes_max: 20\n"
                           "models:\n  - path: models/add\n")
        server = self.serve(path)
        answer = server.infer("add", REQUEST)
        size = len(json.dumps(REQUEST))
        self.assertEqual((answer.status, answer.error()), (413, f"the body has {size} bytes; the limit is 50"))
        looser = self.serve(path, limits=["http_body_bytes_max=1000"])  # a flag goes before the file
        self.assertEqual(looser.infer("add", REQUEST).status, 200)

    def test_directory_of_models_needs_no_file(self):
        self.config("schema: 1\nmodels: []\n")
        self.fake(DOUBLE, "models/double")
        self.path("models/not a model/readme.txt", "nothing")
        self.assertEqual(self.serve(self.directory / "models").ready_line["models"], ["add", "double"])
        self.assertEqual(self.serve("--model-dir", self.directory / "models/add", "--model-name", "x").ready_line["models"],
                         ["x"])
        self.assert_fails(run("serve", self.directory / "models", "--model-name", "x"), "--model-name is for one model",
                          "holds 2", code=2)


class PrintConfig(ModelsYamlTest):
    def test_reads_back_to_itself(self):
        path = self.config('schema: 1\nhttp: "127.0.0.1:0"\nhttp_threads: 2\nlimits: {queue_requests_max: 7}\n'
                           'models:\n  - path: models/add\n    name: "a: \\"b\\" #c \\u00e4"\n    precision: bf16\n'
                           '    executions: 3\n    threads: 2\n    engine: fake\n')
        first = run("serve", path, "--print-config")
        self.assertEqual(first.code, 0, first)
        for line in ("schema: 1", 'http: "127.0.0.1:0"', "http_threads: 2", "  queue_requests_max: 7", "    precision: bf16",
                     "    executions: 3", "    threads: 2", '    engine: "fake"', "  http_body_bytes_max: 67108864",
                     f'  - path: "{self.directory}/models/add"'):
            self.assertIn(f"\n{line}\n", "\n" + first.out)
        again = self.path("elsewhere/again.yaml", first.out)
        self.assertEqual(run("serve", again, "--print-config").out, first.out)
        self.assertEqual(self.serve(again).ready_line["models"], ['a: "b" #c ä'])

    def test_flags_are_in_it(self):
        shown = run("serve", self.fake(ADD, "add"), "--print-config", "--http", "127.0.0.1:1234", "--http-threads", "5",
                    "--limit", "queue_requests_max=9", "--limit", "drain_timeout_ms=0", "--model-name", "n")
        for line in ('http: "127.0.0.1:1234"', "http_threads: 5", "  queue_requests_max: 9", "  drain_timeout_ms: 0",
                     '    name: "n"'):
            self.assertIn(f"\n{line}\n", shown.out)
        shown = run("serve", self.fake(ADD, "add"), "--print-config", "--http-port", "1234")
        self.assertIn('\nhttp: "0.0.0.0:1234"\n', shown.out)


class Refused(ModelsYamlTest):
    def test_unknown_keys(self):
        self.refuse("schema: 1\nmodel: []\n", "2:1", "unknown key 'model'; did you mean 'models'?")
        self.refuse("schema: 1\nmodels:\n  - path: models/add\n    excutions: 2\n", "4:5", "'excutions'",
                    "did you mean 'executions'?")
        self.refuse("schema: 1\nhttp: a\nhttp: b\n", "3:1", "key 'http' stands twice")
        self.refuse("schema: 1\nmodels: []\nlimits:\n  name_bytes_max: 16\n  http_body_byte_max: 1\n", "5:3",
                    "unknown limit 'http_body_byte_max'", "did you mean 'http_body_bytes_max'?")

    def test_schema(self):
        self.refuse("models: []\n", "1:1", "'schema: 1' is missing")
        self.refuse("", None, "'schema: 1' is missing")
        for wrong in ("2", "0", "one", "1.0", "[1]"):
            self.refuse(f"models: []\nschema: {wrong}\n", "2:9", "'schema' is", "an integer from 1 to 1")

    def test_types_and_ranges(self):
        for text, place, *parts in (
                ("http_threads: many", "2:15", "'http_threads' is 'many'", "an integer from 1 to 256"),
                ("http_threads: 257", "2:15", "'257'", "from 1 to 256"),
                ("http_port: 65536", "2:12", "'65536'", "from 0 to 65535"),
                ("http: [a]", "2:7", "'http' is a list", "it must be text"),
                ("limits: 3", "2:9", "'limits' is '3'", "a mapping"),
                ("limits: {http_body_bytes_max: big}", "2:31", "'limits.http_body_bytes_max' is 'big'", "an integer"),
                ("limits:\n  name_bytes_max: 16\n  http_body_bytes_max: 0", "4:3: ", "'http_body_bytes_max' is 0", "from 1 to 4294967296"),
                ("models: models/add", "2:9", "'models' is 'models/add'", "a list"),
                ("models: [models/add]", "2:10", "'models' holds 'models/add'", "mappings"),
                ("models: [{name: a}]", "2:", "'path' is missing"),
                ("models: [{path: a, executions: -1}]", "2:", "'executions' is '-1'", "from 0 to 64"),
                ("models: [{path: a, threads: 0}]", "2:", "'threads' is '0'", "from 1 to 1024"),
                ("models: [{path: a, precision: f64}]", "2:", "'precision' is 'f64'", "one of f32|bf16|f16"),
                ("models: [{path: a, name: a/b}]", "2:", "'a/b'", "without '/'"),
                ("models: [{path: a, name: ''}]", "2:", "model name ''")):
            with self.subTest(text):
                text = f"schema: 1\n{text}\n"
                if "models:" not in text:
                    text += "models: []\n"
                path = self.config(text)
                self.assert_fails(run("serve", path, "--print-config"), f"{path}:{place}", *parts)

    def test_no_models(self):
        self.refuse("schema: 1\n", "1:1", "'models' is missing")

    def test_not_yaml(self):
        for text in ("schema: [1\n", "\tschema: 1\n", "- schema\n", "schema: 1\n: :\n  - }", "\x00\x01"):
            with self.subTest(text):
                path = self.config(text)
                self.assert_fails(run("serve", path, "--print-config"), path)

    def test_tags_build_nothing(self):
        for tag in ("!!python/object/apply:os.system", "!ruby/object:Gem"):
            path = self.config(f"schema: 1\nhttp: {tag} ['touch owned']\nmodels: []\n")
            self.assert_fails(run("serve", path, "--print-config", cwd=self.directory), "'http' is a list")
        self.assertFalse((self.directory / "owned").exists())

    def test_two_models_of_one_name(self):
        path = self.config("schema: 1\nmodels: [{path: models/add}, {path: models/add}]\n")
        self.assert_fails(run("serve", path, "--http", "127.0.0.1:0"), "two models are called 'add'", "another `name`")

    def test_paths_that_lead_nowhere(self):
        path = self.config("schema: 1\nmodels: [{path: none/model.onnx}]\n")
        self.assert_fails(run("serve", path, "--http", "127.0.0.1:0"), f"'{self.directory}/none/model.onnx'")
        self.assert_fails(run("serve", self.directory / "none.yaml"), "none.yaml", "No such file")


if __name__ == "__main__":
    unittest.main()
