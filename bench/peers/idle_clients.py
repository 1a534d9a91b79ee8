"""Clients that have asked once and then say nothing more, until standard input ends:

  idle_clients.py ADDRESS MODEL KIND COUNT     KIND: http, grpc, stream (each on a connection of its own)

Says `ready` once all have had their answers.
"""
import http.client
import json
import queue
import sys

import grpc
import numpy
import tritonclient.grpc
from tritonclient.grpc import service_pb2

VALUES = numpy.arange(16, dtype=numpy.float32)
OWN_CONNECTION = [("grpc.use_local_subchannel_pool", 1)]


def http_connection(address, model):
    body = json.dumps({"inputs": [{"name": "x", "shape": [16], "datatype": "FP32", "data": VALUES.tolist()}]})
    client = http.client.HTTPConnection(address, timeout=60)
    client.request("POST", f"/v2/models/{model}/infer", body, {"Content-Type": "application/json"})
    response = client.getresponse()
    if response.status != 200:
        raise RuntimeError(f"{response.status}: {response.read(300)!r}")
    response.read()
    return client


def message(model):
    tensor = service_pb2.ModelInferRequest.InferInputTensor(name="x", datatype="FP32", shape=[16])
    return service_pb2.ModelInferRequest(model_name=model, inputs=[tensor], raw_input_contents=[VALUES.tobytes()])


def stub(address):
    return tritonclient.grpc.service_pb2_grpc.GRPCInferenceServiceStub(grpc.insecure_channel(address, OWN_CONNECTION))


def grpc_connection(address, model):
    one = stub(address)
    one.ModelInfer(message(model), timeout=60)
    return one


def stream(address, model):
    one, requests = stub(address), queue.SimpleQueue()
    answers = one.ModelStreamInfer(iter(requests.get, None))
    requests.put(message(model))
    answer = next(answers)
    if answer.error_message:
        raise RuntimeError(answer.error_message)
    return one, requests, answers


def main():
    address, model, kind, count = sys.argv[1:]
    connect = {"http": http_connection, "grpc": grpc_connection, "stream": stream}[kind]
    held = [connect(address, model) for _ in range(int(count))]
    print("ready", flush=True)
    sys.stdin.read()
    for each in held:
        if kind == "stream":
            each[1].put(None)  # the end of its requests


if __name__ == "__main__":
    main()
