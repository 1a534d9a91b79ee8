"""A request whose right answer is known: what relu_16 is asked when an answer must be checked, and the bytes of an
answer that the two servers of bytes give."""
import json

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
    client = server.client()
    client.request("POST", f"{PATH}/infer", body, HEADERS)
    response = client.getresponse()
    answer = response.read()
    client.close()
    if response.status != 200:
        raise RuntimeError(f"{response.status}: {answer[:300]!r}")
    path = paths.WORK / name
    (paths.ROOT / path).write_bytes(answer)
    return path
