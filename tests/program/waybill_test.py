"""The example: a Paddle model that reads numbers from pictures, by the command line and over HTTP."""
import shutil
import struct
import threading
import unittest

from program import MODELS, WAYBILL, ProgramTest, Server, ServerTest, run, waybill_pictures
from samples import floats, png_bytes, read_npy, unpack_floats

MODEL = WAYBILL / "models" / "waybill"
PICTURES = waybill_pictures()
RIGHT_MIN = 19  # of the 20 pictures; the model is not perfect


def bytes_element(data):
    return struct.pack("<I", len(data)) + data


def broken_pictures():
    """(what, bytes, part of the message)"""
    good = PICTURES[0][0].read_bytes()
    damaged = "the PNG is damaged, cut short or too large"
    unknown = "JPEG and PNG files are read"
    return (("nothing", b"", unknown), ("text", b"no picture at all", unknown), ("half a PNG", good[:len(good) // 2], damaged),
            ("a PNG's first bytes", good[:20], damaged), ("damaged PNG", good[:60] + bytes(40) + good[100:], damaged),
            ("JPEG's first bytes", b"\xff\xd8\xff\xe0" + bytes(16), "the JPEG"),
            ("bomb", png_bytes(60000, 60000, bytes(60000)), "60000x60000 pixels; at most 67108864"),
            ("empty PNG", png_bytes(0, 0, b""), "width"), ("tall bomb", png_bytes(1, 2**31 - 1, bytes(1)), "height"))


class CommandLine(ProgramTest):
    def test_pictures_are_read(self):
        done = run("run", MODEL, "--image", *[path for path, _ in PICTURES], "--json")
        images = done.json()["images"]
        self.assertEqual([image["image"] for image in images], [str(path) for path, _ in PICTURES])
        read = []
        for image in images:
            text, confidence = image["outputs"]
            self.assertEqual((text["name"], text["datatype"], text["shape"]), ("text", "BYTES", [1]))
            self.assertEqual((confidence["name"], confidence["datatype"], confidence["shape"]), ("confidence", "FP32", [1]))
            self.assertTrue(0 < confidence["data"][0] <= 1, confidence)
            read.append(text["data"][0])
        right = sum(got == wanted for got, (_, wanted) in zip(read, PICTURES, strict=True))
        self.assertGreaterEqual(right, RIGHT_MIN, read)

    def test_text_and_files_say_the_same(self):
        out = self.directory / "out"
        done = run("run", MODEL, "--image", PICTURES[0][0], PICTURES[1][0], "--output-dir", out)
        self.assertEqual(done.code, 0, done)
        for line, (path, wanted) in zip(done.out.splitlines(), PICTURES[:2], strict=True):
            self.assertRegex(line, rf"^{path}  {wanted}  [01]\.?\d*  \d+\.\d+ ms$")
            self.assertEqual(read_npy(out / path.stem / "text.npy"), (f"|S{len(wanted)}", (1,), [wanted.encode()]))
            self.assertEqual(read_npy(out / path.stem / "confidence.npy")[:2], ("<f4", (1,)))

    def test_broken_pictures_name_themselves_and_leave_no_files(self):
        for what, data, part in broken_pictures():
            with self.subTest(what):
                path = self.path("broken.png", data)
                out = self.directory / "out"
                failed = run("run", MODEL, "--image", path, "--output-dir", out)
                self.assert_fails(failed, f"'{path}'", part)
                self.assertEqual(list(out.iterdir()), [])
        self.assert_fails(run("run", MODEL, "--image", self.directory / "none.png"), "none.png", "No such file")

    def test_pictures_need_a_manifest_and_tensors_need_none(self):
        for name in ("inference.json", "inference.pdiparams"):
            shutil.copy(MODEL / name, self.path(f"bare/{name}"))
        bare = self.directory / "bare"
        self.assert_fails(run("run", bare, "--image", PICTURES[0][0]), "model 'bare' takes no pictures", "`preprocess`")
        self.assertEqual(run("inspect", bare, "--json").json()["inputs"][0]["datatype"], "FP32")
        self.assert_fails(run("run", MODEL, "--random"), "input 'image' is BYTES", "--image")


class WaybillServer(ServerTest):
    @classmethod
    def start(cls, directory):
        (directory / "models.yaml").write_text(
            f"schema: 1\nmodels:\n  - path: {MODEL}\n    executions: 2\n  - path: {MODELS}/paddle/mlp\n"
            f"  - path: {MODELS}/onnx/add_dynamic.onnx\n  - path: {MODELS}/onnx/add_two.onnx\n    engine: openvino\n", encoding="utf-8")
        return Server(directory / "models.yaml")

    def read(self, pictures):
        """What the server reads from pictures sent as one binary request."""
        data = b"".join(map(bytes_element, pictures))
        request = {"inputs": [{"name": "image", "datatype": "BYTES", "shape": [len(pictures)],
                               "parameters": {"binary_data_size": len(data)}}]}
        return self.server.infer("waybill", request, data)

    def test_metadata(self):
        self.assertEqual(self.server.ask("GET", "/v2/models/waybill").json(), {
            "name": "waybill", "versions": ["1"], "platform": "onnxruntime_paddle-pir",
            "inputs": [{"name": "image", "datatype": "BYTES", "shape": [-1]}],
            "outputs": [{"name": "text", "datatype": "BYTES", "shape": [-1]},
                        {"name": "confidence", "datatype": "FP32", "shape": [-1]}]})

    def test_pictures_by_binary_request_and_in_one_batch(self):
        alone = [self.read([path.read_bytes()]).json()["outputs"][0]["data"][0] for path, _ in PICTURES]
        right = sum(got == wanted for got, (_, wanted) in zip(alone, PICTURES, strict=True))
        self.assertGreaterEqual(right, RIGHT_MIN, alone)
        together = self.read([path.read_bytes() for path, _ in PICTURES]).json()["outputs"]
        self.assertEqual((together[0]["shape"], together[0]["data"]), ([20], alone))
        self.assertEqual(together[1]["shape"], [20])

    def test_raw_picture_as_curl_sends_it(self):
        path, wanted = PICTURES[0]
        answer = self.server.ask("POST", "/v2/models/waybill/infer", path.read_bytes(), {"Inference-Header-Content-Length": 0})
        self.assertEqual(answer.status, 200, answer)
        text, confidence = answer.json()["outputs"]
        size = text["parameters"]["binary_data_size"]
        self.assertEqual(answer.binary()[:size], bytes_element(wanted.encode()))
        self.assertEqual(len(answer.binary()), size + confidence["parameters"]["binary_data_size"])

    def test_clients_at_once_get_their_own_pictures(self):
        wanted = {path: self.read([path.read_bytes()]).json()["outputs"][0]["data"][0] for path, _ in PICTURES}
        wrong = []

        def client(offset):
            for step in range(len(PICTURES)):
                path = PICTURES[(offset + step) % len(PICTURES)][0]
                got = self.read([path.read_bytes()]).json()["outputs"][0]["data"][0]
                if got != wanted[path]:
                    wrong.append((path, got))
        threads = [threading.Thread(target=client, args=(5 * number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_broken_pictures(self):
        self.read([PICTURES[0][0].read_bytes()])
        before = self.server.rss_bytes()
        for what, data, part in broken_pictures():
            with self.subTest(what):
                self.assert_error(self.read([data]), 400, part)
                self.assert_error(self.read([PICTURES[0][0].read_bytes(), data]), 400, part)
        self.assertLess(self.server.rss_bytes() - before, 64 << 20)
        self.assertEqual(self.read([PICTURES[0][0].read_bytes()]).json()["outputs"][0]["data"], [PICTURES[0][1]])

    def test_elements_that_lie(self):
        request = {"inputs": [{"name": "image", "datatype": "BYTES", "shape": [1], "parameters": {"binary_data_size": 8}}]}
        for data in (struct.pack("<II", 2**32 - 1, 0), struct.pack("<II", 5, 0), struct.pack("<II", 3, 0), bytes(8)):
            self.assert_error(self.server.infer("waybill", request, data), 400)
        many = {"inputs": [{"name": "image", "datatype": "BYTES", "shape": [300], "parameters": {"binary_data_size": 1200}}]}
        self.assert_error(self.server.infer("waybill", many, bytes(1200)), 400, "300", "256")
        none = {"inputs": [{"name": "image", "datatype": "BYTES", "shape": [0], "data": []}]}
        self.assert_error(self.server.infer("waybill", none), 400, "holds 0 pictures; 1 to 256 are possible")
        words = {"inputs": [{"name": "image", "datatype": "BYTES", "shape": [1], "data": ["no picture"]}]}
        self.assert_error(self.server.infer("waybill", words), 400, "JPEG and PNG files are read")

    def test_golden_values_as_json_and_binary(self):
        _, shape, x = read_npy(MODELS / "paddle" / "mlp" / "in.x.npy")
        _, wanted_shape, wanted = read_npy(MODELS / "paddle" / "mlp" / "out.0.npy")
        tensor = {"name": "x", "datatype": "FP32", "shape": list(shape)}
        by_json = self.server.infer("mlp", {"inputs": [{**tensor, "data": x}]}).json()["outputs"][0]
        self.assertEqual(by_json["shape"], list(wanted_shape))
        self.assert_close(by_json["data"], wanted)
        data = floats(*x)
        answer = self.server.infer("mlp", {"inputs": [{**tensor, "parameters": {"binary_data_size": len(data)}}],
                                           "parameters": {"binary_data_output": True}}, data)
        self.assertEqual(floats(*by_json["data"]), answer.binary())
        raw = self.server.ask("POST", "/v2/models/mlp/infer", floats(*x[:16]), {"Inference-Header-Content-Length": 0})
        self.assert_close(unpack_floats(raw.binary()), wanted[:4])

    def test_shapes_that_change_from_request_to_request(self):
        for rows in (1, 3, 1, 17, 2):
            values = [row * 4 + column for row in range(rows) for column in range(4)]
            answer = self.server.infer("add_dynamic", {"inputs": [
                {"name": "x", "datatype": "FP32", "shape": [rows, 4], "data": values}]})
            output, = answer.json()["outputs"]
            self.assertEqual((output["shape"], output["data"]), ([rows, 4], [value + 1 for value in values]))

    def test_large_tensor_comes_back_exact(self):
        rows = 5 * 1024 * 1024 // 4
        data = b"".join(floats(row % 1000, 1, 2, 3) for row in range(1000)) * (rows // 1000)
        rows = len(data) // 16  # about 20 MB
        wanted = b"".join(floats(row % 1000 + 1, 2, 3, 4) for row in range(1000)) * (rows // 1000)
        answer = self.server.infer("add_dynamic", {"inputs": [{"name": "x", "datatype": "FP32", "shape": [rows, 4],
                                                               "parameters": {"binary_data_size": len(data)}}],
                                                   "parameters": {"binary_data_output": True}}, data)
        self.assertEqual(answer.status, 200, answer)
        self.assertTrue(answer.binary() == wanted)  # not assertEqual: it would print them

    def test_values_an_engine_cannot_take(self):
        request = {"inputs": [{"name": "b", "datatype": "FP32", "shape": [1, 4], "data": [0, 0, 0, 0]},
                              {"name": "a", "datatype": "INT64", "shape": [3], "data": [1, 2, 2**40]}]}
        self.assert_error(self.server.infer("add_two", request), 400, "'a'", str(2**40), "element 2")


if __name__ == "__main__":
    unittest.main()
