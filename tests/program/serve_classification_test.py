"""The output parameter `classification`: the best classes of an output in place of its tensor."""
import struct
import unittest

from program import Server, ServerTest, write_fake


def scores(*rows, name="x"):
    return {"name": name, "datatype": "FP32", "shape": [len(rows), len(rows[0])], "data": [list(row) for row in rows]}


def unpack_texts(data):
    texts = []
    while data:
        size, = struct.unpack("<I", data[:4])
        texts.append(data[4:4 + size].decode())
        data = data[4 + size:]
    return texts


class Classification(ServerTest):
    @classmethod
    def start(cls, directory):
        write_fake(directory, "rows", "input x FP32 -1,4\noutput y FP32 -1,4\n")
        write_fake(directory, "list", "input x FP32 3\noutput y FP32 3\n")
        write_fake(directory, "flags", "input x BOOL -1\noutput y BOOL -1\n")
        write_fake(directory, "wide", "input x FP32 -1,-1\noutput y FP32 -1,-1\n")
        write_fake(directory, "named", "input x FP32 -1,4\noutput y FP32 -1,4\n")
        (directory / "named" / "model.yaml").write_text(
            "schema: 1\npostprocess: {top_k: {k: 3, labels: labels.txt}}\n", encoding="utf-8")
        (directory / "named" / "labels.txt").write_text("ant\nbee\ncat\ndög\n", encoding="utf-8")
        return Server(directory, limits=["classification_elements_max=100"])

    def ask(self, model, inputs, n, output="y", **parameters):
        outputs = [{"name": output, "parameters": {"classification": n, **parameters}}]
        return self.server.infer(model, {"inputs": [inputs], "outputs": outputs})

    def best(self, *question, **more):
        answer = self.ask(*question, **more)
        self.assertEqual(answer.status, 200, answer)
        output, = answer.json()["outputs"]
        self.assertEqual(output["datatype"], "BYTES")
        return output["shape"], output["data"]

    def test_json(self):
        self.assertEqual(self.best("rows", scores((1, 5.5, 3, 2), (9, 8, 7, 6)), 2), ([2, 2], ["5.5:1", "3:2", "9:0", "8:1"]))
        self.assertEqual(self.best("list", {"name": "x", "datatype": "FP32", "shape": [3], "data": [1, 3, 2]}, 1),
                         ([1], ["3:1"]))

    def test_binary(self):
        answer = self.ask("rows", scores((1, 5.5, 3, 2)), 3, binary_data=True)
        output, = answer.json()["outputs"]
        self.assertEqual((output["datatype"], output["shape"]), ("BYTES", [1, 3]))
        self.assertEqual(output["parameters"], {"binary_data_size": len(answer.binary())})
        self.assertEqual(unpack_texts(answer.binary()), ["5.5:1", "3:2", "2:3"])

    def test_labels(self):
        self.assertEqual(self.best("named", scores((1, 5, 3, 9)), 2, output="score"), ([1, 2], ["9:3:dög", "5:1:bee"]))
        self.assertEqual(self.best("named", scores((1, 5, 3, 9)), 7, output="score")[0], [1, 3])

    def test_beside_other_outputs(self):
        outputs = [{"name": "class"}, {"name": "score", "parameters": {"classification": 1}}]
        answer = self.server.infer("named", {"inputs": [scores((1, 5, 3, 9))], "outputs": outputs})
        classes, best = answer.json()["outputs"]
        self.assertEqual((classes["name"], classes["data"], best["name"], best["data"]), ("class", [3, 1, 2], "score", ["9:3:dög"]))

    def test_counts(self):
        all_of_them = ([1, 4], ["5:1", "3:2", "2:3", "1:0"])
        for n in (4, 5, 2**31, 2**32, 2**62, 2**63 - 1):
            self.assertEqual(self.best("rows", scores((1, 5, 3, 2)), n), all_of_them)
        for n in (-1, 2**63, 2**64, 1.5, "3", None, [3]):
            self.assert_error(self.ask("rows", scores((1, 5, 3, 2)), n), 400, "'classification' is ")
        answer = self.ask("rows", scores((1, 5, 3, 2)), 0)  # none is asked for
        self.assertEqual(answer.json()["outputs"][0]["data"], [1, 5, 3, 2])

    def test_refusals(self):
        flags = {"name": "x", "datatype": "BOOL", "shape": [2], "data": [True, False]}
        self.assert_error(self.ask("flags", flags, 1), 400, "output 'y': is BOOL", "FP32")
        self.assert_error(self.ask("rows", scores((1, 5, 3, 2)), 1, output="z"), 400, "no output 'z'")
        self.assert_error(self.ask("named", scores((1, 5, 3, 9)), 1, output="label"), 400, "is BYTES")
        wide = scores([0] * 101)
        self.assert_error(self.ask("wide", wide, 2**31), 400, "classification_elements_max")
        self.assertEqual(self.best("wide", wide, 100)[0], [1, 100])
        self.assert_error(self.ask("rows", scores((1, 5, 3, 2)), 1, shared_memory_region="r", shared_memory_byte_size=9), 400,
                          "a classification cannot be written to shared memory")


if __name__ == "__main__":
    unittest.main()
