"""The many ways to be wrong in the JSON of a request: each is refused with a text that names the thing and its value."""
import copy
import json
import unittest

from program import Server, write_fake
from samples import floats
from serve_refusals_test import GOOD, INFER, LENGTH, RefusalTest, binary

# A value of each kind of JSON, and how an error shows it.
KINDS = {"null": (None, "null"), "boolean": (True, "true"), "integer": (7, "7"), "fraction": (1.5, "1.5"),
         "string": ("text", '"text"'), "array": ([], "an array"), "object": ({}, "an object")}
REQUEST = {
    "id": "r", "parameters": {"binary_data_output": False, "timeout": 60_000_000, "priority": 1, "own": "v"},
    "inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 4], "parameters": {"own": 1}, "data": [1, 2, 3, 4]}],
    "outputs": [{"name": "y", "parameters": {"binary_data": False, "classification": 0, "own": True}}]}
# Where it stands, and the kinds that are right there.
PLACES = [
    (("id",), "string"), (("parameters",), "object"), (("inputs",), "array"), (("outputs",), "array"),
    (("parameters", "binary_data_output"), "boolean"), (("parameters", "timeout"), "integer"),
    (("parameters", "priority"), "integer"), (("parameters", "own"), "boolean integer fraction string"),
    (("inputs", 0), "object"), (("inputs", 0, "name"), "string"), (("inputs", 0, "datatype"), "string"),
    (("inputs", 0, "shape"), "array"), (("inputs", 0, "shape", 0), "integer"), (("inputs", 0, "data"), "array"),
    (("inputs", 0, "parameters"), "object"), (("inputs", 0, "parameters", "own"), "boolean integer fraction string"),
    (("inputs", 0, "parameters", "binary_data_size"), "integer"), (("inputs", 0, "data", 0), "integer fraction array"),
    (("outputs", 0), "object"), (("outputs", 0, "name"), "string"), (("outputs", 0, "parameters"), "object"),
    (("outputs", 0, "parameters", "own"), "boolean integer fraction string"),
    (("outputs", 0, "parameters", "binary_data"), "boolean"), (("outputs", 0, "parameters", "classification"), "integer")]


def changed(place, value):
    request = copy.deepcopy(REQUEST)
    at = request
    for step in place[:-1]:
        at = at[step]
    if place[-1] == "binary_data_size":
        del request["inputs"][0]["data"]
    at[place[-1]] = value
    return request


class JsonTest(RefusalTest):
    @classmethod
    def start(cls, directory):
        write_fake(directory, "add", "input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\n")
        write_fake(directory, "two", "input a INT64 -1\ninput b FP32 2\noutput p INT64 -1\noutput q FP32 2\n")
        write_fake(directory, "flags", "input f BOOL -1\noutput g BOOL -1\n")
        write_fake(directory, "bytes", "input u UINT8 -1\noutput v UINT8 -1\n")
        return Server(directory, limits=["http_body_bytes_max=2000000", "http_header_bytes_max=4096"])

    def with_shape(self, text, status, *parts, data=b"[1,2,3,4]"):
        self.post(b'{"inputs":[{"name":"x","datatype":"FP32","shape":%s,"data":%s}]}' % (text, data), status, *parts)


class Kinds(JsonTest):
    def test_request_that_all_others_are_made_of_is_right(self):
        answer = self.server.infer("add", REQUEST)
        self.assertEqual((answer.status, answer.json()["outputs"][0]["data"]), (200, [2, 3, 4, 5]), answer)

    def test_every_key_with_every_wrong_kind(self):
        for place, right in PLACES:
            for kind, (value, text) in KINDS.items():
                if kind in right.split():
                    continue
                with self.subTest(place, kind=kind):
                    answer = self.server.infer("add", changed(place, value))
                    key = next(step for step in reversed(place) if isinstance(step, str))
                    if place[-1] == 0 and key in ("inputs", "outputs"):
                        self.assert_error(answer, 400, f"{key}[0]", f"is {text}; it must be an object")
                    elif key == "data" and place[-1] == 0:
                        self.assert_error(answer, 400, "input 'x'", f"element 0 is {text}")
                    else:
                        self.assert_error(answer, 400, f"'{key}' is {text}; it must be ")

    def test_every_key_twice(self):
        text = json.dumps(REQUEST)
        keys = {"id", "parameters", "inputs", "outputs", "binary_data_output", "timeout", "priority", "own", "name",
                "datatype", "shape", "data", "binary_data", "classification"}
        for key in sorted(keys):
            for old in {f'"{key}": ' + json.dumps(value) for value in self.values_of(REQUEST, key)}:
                with self.subTest(old):
                    self.post(text.replace(old, f"{old}, {old}", 1).encode(), 400, f"the key '{key}' stands twice")
        self.post(text.replace('"id": "r"', '"id": "r", "i\\u0064": "r"').encode(), 400, "the key 'id' stands twice")

    def values_of(self, tree, key):
        for name, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            if name == key:
                yield value
            if isinstance(value, (dict, list)):
                yield from self.values_of(value, key)

    def test_every_needed_key_missing(self):
        for key in ("name", "datatype", "shape"):
            request = copy.deepcopy(REQUEST)
            del request["inputs"][0][key]
            self.assert_error(self.server.infer("add", request), 400, "inputs[0]", f"'{key}' is missing")
        for outputs in ([{}], [{"parameters": {}}]):
            self.assert_error(self.server.infer("add", {**REQUEST, "outputs": outputs}), 400, "outputs[0]", "'name' is missing")
        self.refuse([{**GOOD, "name": ""}], 400, "'name' is empty")


class Inputs(JsonTest):
    A, B = ({"name": "a", "datatype": "INT64", "shape": [1], "data": [1]}, {"name": "b", "datatype": "FP32", "shape": [2], "data": [1, 2]})

    def test_too_few_and_too_many(self):
        self.refuse([self.A], 400, "'two'", "'b'", model="two")
        self.refuse([self.B], 400, "'two'", "'a'", model="two")
        self.refuse([self.A, self.B, {**self.B, "name": "c"}], 400, "has no input 'c'; known: a, b", model="two")
        self.refuse([self.A, {**self.B, "name": "B"}], 400, "has no input 'B'", model="two")
        self.refuse([self.A, self.A, self.B], 400, "input 'a' is given twice", model="two")

    def test_order_does_not_matter(self):
        answer = self.server.infer("two", {"inputs": [self.B, self.A], "outputs": [{"name": "q"}, {"name": "p"}]})
        self.assertEqual([each["data"] for each in answer.json()["outputs"]], [[1, 2], [1]])

    def test_numbers_that_do_not_fit(self):
        for text in (b"9223372036854775808", b"18446744073709551616", b"-9223372036854775809", b"1e400", b"1.0", b"1e0", b"true",
                     b'"1"', b"null", b"{}", b"99999999999999999999999999999999999999"):
            self.post(b'{"inputs":[{"name":"a","datatype":"INT64","shape":[1],"data":[%s]},{"name":"b","datatype":"FP32","shape":[2],'
                      b'"data":[1,2]}]}' % text, 400, "input 'a'", "element 0 is ", target="/v2/models/two/infer")
        for text in (b"256", b"-1", b"1.5", b"true", b"18446744073709551616"):
            self.post(b'{"inputs":[{"name":"u","datatype":"UINT8","shape":[1],"data":[%s]}]}' % text, 400, "element 0 is " + text.decode(),
                      "from 0 to 255", target="/v2/models/bytes/infer")
        for text in (b"0", b"1", b'"true"', b"null"):
            self.post(b'{"inputs":[{"name":"f","datatype":"BOOL","shape":[1],"data":[%s]}]}' % text, 400,
                      "element 0 is " + text.decode(), target="/v2/models/flags/infer")
        for text in (b"1e400", b"-1e400", b"1e39", b"3.5e38"):
            self.with_shape(b"[1,4]", 400, "element 3 is " + text.decode(), data=b"[1,2,3,%s]" % text)
        for text in (b"-0", b"-0.0", b"1e-400", b"4e-320", b"0e999"):  # are zero, or next to it
            body = b'{"inputs":[{"name":"x","datatype":"FP32","shape":[1,4],"data":[1,2,3,%s]}]}' % text
            self.assertEqual(self.server.ask("POST", INFER, body).json()["outputs"][0]["data"], [2, 3, 4, 1])

    def test_what_is_no_json_number(self):
        for text in (b"NaN", b"nan", b"Infinity", b"-Infinity", b"+1", b"01", b".5", b"1.", b"1e", b"0x10", b"1_000", b"--1", b"1,",
                     b"1 2", b"'1'", b"tru", b"nul", b"-", b"\xef\xbb\xbf1", b"[", b"]", b"{", b"undefined"):
            with self.subTest(text):
                self.with_shape(b"[1,4]", 400, data=b"[1,2,3,%s]" % text)

    def test_data_of_another_form(self):
        for data, part in (([1, 2, 3], "has 3"), ([], "4 elements"), ([[]], "4 elements"), ([1, 2, 3, 4, 5], "more"),
                           ([[1, 2], [3, 4], [5]], "more"), ([[1, 2, 3, [4, [5]]]], "more"), ([1, 2, 3, "4"], 'element 3 is "4"'),
                           ([1, 2, 3, {}], "element 3 is an object"), ([[1, 2], [None, 4]], "element 2 is null"),
                           ([[[[[[[1, 2, 3]]]]]]], "has 3")):
            with self.subTest(data):
                self.refuse([{**GOOD, "data": data}], 400, "input 'x'", part)


class Shapes(JsonTest):
    def test_dims(self):
        largest = 2**63 - 1
        for text, part in ((b"[-1]", "'shape' is -1"), (b"[0]", "[0]"), (b'["3"]', "'shape' is \"3\""), (b"[3.5]", "'shape' is 3.5"),
                           (b"[4.0]", "'shape' is 4.0"), (b"[4e0]", "'shape' is 4e0"), (b"[null]", "'shape' is null"),
                           (b"[true]", "'shape' is true"), (b"[[1,4]]", "'shape' is an array"), (b"[1e400]", "'shape' is 1e400"),
                           (b"[NaN]", "'shape' is no JSON value (NaN)"), (b"[9223372036854775808]", "9223372036854775808"), (b"[-0]", "[0]"),
                           (b"[18446744073709551616,1]", "18446744073709551616"), (b"[-9223372036854775808]", "-9223372036854775808"),
                           (b"[4294967296,4294967296]", "[4294967296,4294967296]"), (b"[%d]" % largest, str(largest)),
                           (b"[%d,2]" % largest, str(largest)), (b"[4611686018427387904]", "4611686018427387904"),
                           (b"[%s]" % b",".join([b"1"] * 300), "'shape' has more than"), (b"[1,4,1]", "[1,4,1]"), (b"[]", "[]"),
                           (b"[4,1]", "[4,1]"), (b"[2147483648,2147483648,4]", "2147483648"), (b"[0,4]", "0"), (b"[4", "'shape' is \"data\"")):
            with self.subTest(text):
                self.with_shape(text, 400, part)
                sized = b'{"inputs":[{"name":"x","datatype":"FP32","shape":%s,"parameters":{"binary_data_size":16}}]}' % text
                self.post(sized + floats(1, 2, 3, 4), 400, headers={LENGTH: len(sized)})


class BinarySizes(JsonTest):
    def test_sizes_that_lie(self):
        data = floats(1, 2, 3, 4)
        for size, part in ((15, "15"), (17, "16 are left"), (0, "0"), (-16, "'binary_data_size' is -16"), (12, "12"), (2**31, "2147483648"),
                           (2**63 - 1, "16 are left"), (2**63, f"'binary_data_size' is {2**63}"), (2**64, str(2**64)),
                           (2**64 + 16, str(2**64 + 16)), (16.0, "'binary_data_size' is 16.0"), ("16", "'binary_data_size' is \"16\"")):
            with self.subTest(size):
                self.assert_error(self.server.infer("add", {"inputs": [binary(size)]}, data), 400, part)
        self.assert_error(self.server.infer("add", {"inputs": [binary(16)]}, data + b"more"), 400, "4 bytes are left")

    def test_sizes_that_add_up_to_more_than_the_body(self):
        for sizes, part in (((8, 16), "8 are left"), ((16, 8), "input 'b' says 8 bytes"), ((2**62, 2**62), "request_elements_max"),
                            ((8, 2**63 - 1), "8 are left"), ((16, 0), "0"), ((8, 4), "4")):
            inputs = [{"name": "a", "datatype": "INT64", "shape": [-(-sizes[0] // 8)], "parameters": {"binary_data_size": sizes[0]}},
                      {"name": "b", "datatype": "FP32", "shape": [2], "parameters": {"binary_data_size": sizes[1]}}]
            with self.subTest(sizes):
                self.assert_error(self.server.infer("two", {"inputs": inputs}, bytes(16)), 400, part)

    def test_length_of_the_json(self):
        body = json.dumps({"inputs": [GOOD]}).encode()
        for value in ("-1", "abc", "", "+5", "0x10", "5.0", "5e0", "1 1", "1,1", str(2**63), str(2**64), str(2**128), str(len(body) + 1)):
            with self.subTest(value):
                self.post(body, 400, f"{LENGTH} is '{value}'; it must be a number from 0 to the body's {len(body)} bytes",
                          headers={LENGTH: value})
        twice = f"{len(body)}\r\n{LENGTH}: {len(body)}"
        self.post(body, 400, f"{LENGTH} is '{len(body)}, {len(body)}'", headers={LENGTH: twice})
        for value in (f" {len(body)} ", f"000{len(body)}"):  # white space around a value is no part of it
            self.assertEqual(self.server.ask("POST", INFER, body, {LENGTH: value}).status, 200)
        self.assertEqual(self.server.ask("GET", "/v2", headers={LENGTH: "abc"}).status, 200)  # says nothing where nothing is sent


if __name__ == "__main__":
    unittest.main()
