"""deploy/kserve: the files are what KServe takes, and the program, started as they say, serves what KServe lays before it."""
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

import jsonschema
import numpy as np
import tritonclient.grpc
import tritonclient.http
import yaml

from program import MODELS, SOURCE, ProgramTest

HERE = pathlib.Path(__file__).parent
DEPLOY = SOURCE / "deploy" / "kserve"
MLP = MODELS / "paddle_architectures" / "mlp"
# Model files as they are called where they are uploaded; what the models make of `x`.
X, Y = np.load(MLP / "in.x.npy"), np.load(MLP / "out.0.npy")
RELU_X = (np.arange(16, dtype=np.float32) - 8).reshape(1, 16)
FORMS = {
    "onnx": ({"model.onnx": MODELS / "onnx" / "relu_1x16.onnx"}, RELU_X, np.maximum(RELU_X, 0)),
    "paddle 2": ({"model.pdmodel": MLP / "legacy26.pdmodel", "model.pdiparams": MLP / "legacy26.pdiparams"}, X, Y),
    "paddle 3": ({"inference.json": MLP / "pir33.json", "inference.pdiparams": MLP / "pir33.pdiparams"}, X, Y),
}


def read(name):
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


class Files(unittest.TestCase):
    def validator(self, name):
        schema = json.loads((HERE / name).read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        return jsonschema.Draft202012Validator(schema)

    def test_runtime(self):
        validator, runtime = self.validator("serving_runtime.schema.json"), read("runtime.yaml")
        validator.validate(runtime)
        # The schema would notice: what it must not let pass.
        for change in (lambda spec: spec["containers"][0].update(name="oarlock"), lambda spec: spec.update(protocolVersions=["v3"]),
                       lambda spec: spec["supportedModelFormats"][0].update(version=2), lambda spec: spec.update(container=[]),
                       lambda spec: spec["supportedModelFormats"][0].update(priority=0)):
            broken = read("runtime.yaml")
            change(broken["spec"])
            self.assertFalse(validator.is_valid(broken), broken["spec"])

    def test_its_parts_agree(self):
        spec = read("runtime.yaml")["spec"]
        container, = spec["containers"]
        arguments = dict(argument.removeprefix("--").split("=", 1) for argument in container["args"])
        self.assertEqual(arguments, {"model-name": "{{.Name}}", "model-dir": "/mnt/models", "http-port": "8080", "grpc-port": "9000"})
        self.assertEqual(str(container["readinessProbe"]["httpGet"]["port"]), arguments["http-port"])
        self.assertEqual(spec["annotations"]["prometheus.kserve.io/port"], arguments["http-port"])
        version = re.search(r"project\(oarlock VERSION ([\d.]+)", (SOURCE / "CMakeLists.txt").read_text(encoding="utf-8"))[1]
        self.assertEqual(container["image"], f"oarlock:{version}")
        # KServe refuses a runtime that gives versions of one format different priorities.
        priorities = {}
        for each in spec["supportedModelFormats"]:
            self.assertEqual(priorities.setdefault(each["name"], each["priority"]), each["priority"])

    def test_inference_service(self):
        service = read("inference_service.yaml")
        self.validator("inference_service.schema.json").validate(service)
        model, spec = service["spec"]["predictor"]["model"], read("runtime.yaml")["spec"]
        self.assertIn(model["modelFormat"], [{"name": each["name"], "version": each["version"]} for each in spec["supportedModelFormats"]])
        self.assertIn(model["protocolVersion"], spec["protocolVersions"])


class Serving(ProgramTest):
    def start(self, directory, name="m", more=()):
        """The program with the arguments of runtime.yaml, this directory, ports that the kernel picks, and more of them."""
        container, = read("runtime.yaml")["spec"]["containers"]
        values = {"{{.Name}}": name, "/mnt/models": str(directory), "=8080": "=0", "=9000": "=0"}
        arguments = [functools.reduce(lambda text, pair: text.replace(*pair), values.items(), argument) for argument in container["args"]]
        self.assertEqual(container["command"], ["oarlock", "serve"])
        return self.serve(*arguments, *more, http=None)

    def bare(self, form, name="models"):
        directory = self.directory / form.replace(" ", "") / name
        directory.mkdir(parents=True)
        for file, source in FORMS[form][0].items():
            shutil.copyfile(source, directory / file)
        return directory

    def ask(self, form, server, name="m"):
        """Asks over both protocols, on the port of each, under the name of the service."""
        _, x, y = FORMS[form]
        for triton, address in ((tritonclient.http, server.ready_line["http"]), (tritonclient.grpc, server.ready_line["grpc"])):
            client = triton.InferenceServerClient(address)
            try:
                self.assertTrue(client.is_model_ready(name))
                tensor = triton.InferInput("x", list(x.shape), "FP32")
                tensor.set_data_from_numpy(x)
                result = client.infer(name, [tensor])
                response = result.get_response()
                output = response["outputs"][0]["name"] if triton is tritonclient.http else response.outputs[0].name
                np.testing.assert_allclose(result.as_numpy(output), y, rtol=1e-5, atol=1e-6)
            finally:
                client.close()
        self.assertEqual(server.ask("GET", f"/v2/models/{name}").json()["versions"], ["1"])

    def test_bare_directories(self):
        for form in FORMS:
            with self.subTest(form):
                server = self.start(self.bare(form))
                self.assertEqual(server.ready_line["models"], ["m"])
                self.assertNotEqual(server.ready_line["http"], server.ready_line["grpc"])
                self.ask(form, server)
                probe = read("runtime.yaml")["spec"]["containers"][0]["readinessProbe"]["httpGet"]["path"]
                self.assertEqual(server.ask("GET", probe).status, 200)

    def test_name_of_the_service(self):
        name = read("inference_service.yaml")["metadata"]["name"]
        self.ask("onnx", self.start(self.bare("onnx"), name), name)

    def test_warns_of_all_interfaces_without_a_key(self):
        server = self.start(self.bare("onnx"))
        for protocol in ("http", "grpc"):
            self.assertRegex(server.ready_line[protocol], r"^0\.0\.0\.0:\d+$")
            self.assertIn(f"warning: listening on {server.ready_line[protocol]} without access control", server.error_text())

    def test_does_not_warn_with_keys(self):
        keys = self.path("keys.yaml", "infer: [a-key-of-20-characters]\n")
        keys.chmod(0o600)
        server = self.start(self.bare("onnx"), more=["--keys-file", keys])
        self.assertEqual(server.ask("GET", "/v2/health/ready").status, 200)
        self.assertEqual(server.ask("GET", "/v2/models/m").status, 401)
        self.assertNotIn("without access control", server.error_text())

    def test_symlinked_directory(self):
        for form in FORMS:
            with self.subTest(form):
                link = self.directory / f"link to {form}"
                link.symlink_to(self.bare(form))
                self.ask(form, self.start(link))

    def test_config_map(self):
        # How Kubernetes lays files into a volume: links through one that is replaced at a change.
        directory = self.bare("onnx", "models/..2026_01_01").parent
        (directory / "..data").symlink_to("..2026_01_01")
        (directory / "model.onnx").symlink_to("..data/model.onnx")
        self.ask("onnx", self.start(directory))

    @unittest.skipUnless(os.geteuid() == 0, "the root of another process takes root to make")
    def test_root_of_another_container(self):
        # An OCI modelcar: /mnt/models leads through /proc/PID/root, whose text is "/" and which leads elsewhere.
        root = self.bare("paddle 3").parent
        code = "import os, sys; os.chroot(sys.argv[1]); os.chdir('/'); print(flush=True); sys.stdin.read()"
        other = subprocess.Popen(["python3", "-c", code, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            self.assertEqual(other.stdout.readline(), b"\n")
            link = self.directory / "mnt"
            link.symlink_to(f"/proc/{other.pid}/root/models")
            self.ask("paddle 3", self.start(link))
        finally:
            other.stdin.close()
            other.wait()
            other.stdout.close()


if __name__ == "__main__":
    unittest.main()
