"""Asks a server one inference over gRPC and keeps the bytes of its answer, for a server of bytes to answer with:

  grpc_answer.py ADDRESS MODEL FILE
"""
import sys

import numpy
import tritonclient.grpc


def main():
    address, model, path = sys.argv[1:]
    with tritonclient.grpc.InferenceServerClient(address) as client:
        inputs = []
        for port in client.get_model_metadata(model).inputs:
            values = numpy.random.default_rng(0).random([max(dim, 1) for dim in port.shape], numpy.float32)
            inputs.append(tritonclient.grpc.InferInput(port.name, values.shape, port.datatype))
            inputs[-1].set_data_from_numpy(values)
        answer = client.infer(model, inputs).get_response().SerializeToString()
    with open(path, "wb") as file:
        file.write(answer)


if __name__ == "__main__":
    main()
