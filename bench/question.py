"""A request whose right answer is known: what relu_16 is asked when an answer must be checked, and the bytes of an
answer that the two servers of bytes give."""
import json
import math

import paths

MODEL = "relu_16"
PATH = f"/v2/models/{MODEL}"
VALUES = [index - 7.5 for index in range(16)]
BODY = json.dumps({"inputs": [{"name": "x", "shape": [16], "datatype": "FP32", "data": VALUES}]}).encode()
HEADERS = {"Content-Type": "application/json"}


class NotReady(RuntimeError):
    """The server listens, and is still loading its model."""


def ask(client):
    """One answer on an open connection; RuntimeError unless it is right."""
    client.request("POST", f"{PATH}/infer", BODY, HEADERS)
    response = client.getresponse()
    text = response.read()
    if response.status != 200:
        kind = NotReady if response.status == 503 else RuntimeError
        raise kind(f"{response.status}: {text[:300]!r}")
    output, = json.loads(text)["outputs"]
    if output["data"] != [max(0, value) for value in VALUES]:
        raise RuntimeError(f"relu of {VALUES} is not {output['data']}")


def store_answer(server, outputs, name):
    """A file with what `server` answers to a request of those values, of as many bytes as in the measurement."""
    data = outputs[0]["data"]  # of relu over numbers from 0 on: the inputs themselves
    body = json.dumps({"inputs": [{"name": "x", "shape": [16], "datatype": "FP32", "data": data}]}).encode()
    return store(server, MODEL, body, HEADERS, name)


def store_binary_answer(server, model, name):
    """The same in binary, to inputs of zeros."""
    client = server.client()
    client.request("GET", f"/v2/models/{model}")
    inputs = json.loads(client.getresponse().read())["inputs"]
    client.close()
    sizes = [4 * math.prod(max(dim, 1) for dim in each["shape"]) for each in inputs]
    head = json.dumps({"parameters": {"binary_data_output": True}, "inputs": [
        {"name": each["name"], "shape": [max(dim, 1) for dim in each["shape"]], "datatype": each["datatype"],
         "parameters": {"binary_data_size": size}} for each, size in zip(inputs, sizes)]}).encode()
    headers = {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": str(len(head))}
    return store(server, model, head + bytes(sum(sizes)), headers, name)


def store(server, model, body, headers, name):
    client = server.client()
    client.request("POST", f"/v2/models/{model}/infer", body, headers)
    response = client.getresponse()
    answer = response.read()
    client.close()
    if response.status != 200:
        raise RuntimeError(f"{response.status}: {answer[:300]!r}")
    path = paths.WORK / name
    (paths.ROOT / path).write_bytes(answer)
    return path
