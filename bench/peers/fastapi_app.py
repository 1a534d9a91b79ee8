"""A model behind FastAPI on uvicorn, one process, as fast as the framework allows in its own idiom:

  fastapi_app.py MODEL.onnx PORT      port 0: the kernel picks one. Says `ready PORT` when it listens.

The routes and bytes are those of the KServe v2 protocol as `oarlock bench` speaks it. Bodies are read as bytes and handed
to orjson (no pydantic model, which would cost more); binary tensors are read where they lie, by numpy.frombuffer; the
model runs on the event loop, for a hand-over to another thread costs more than these models do; uvicorn has uvloop and
httptools, and writes no access log.
"""
import socket
import sys

import numpy
import orjson
import uvicorn
from fastapi import FastAPI, Request, Response

from model import Model

HEADER = "inference-header-content-length"
app = FastAPI(openapi_url=None)
model = Model(sys.argv[1])


@app.get("/v2/models/{name}")
async def metadata(name: str):
    if name != model.name:
        return Response(orjson.dumps({"error": f"no model '{name}'"}), 404, media_type="application/json")
    return Response(orjson.dumps(model.metadata()), media_type="application/json")


@app.post("/v2/models/{name}/infer")
async def infer(name: str, request: Request):
    if name != model.name:
        return Response(orjson.dumps({"error": f"no model '{name}'"}), 404, media_type="application/json")
    body = await request.body()
    json_size = request.headers.get(HEADER)
    if json_size is None:
        tensor = orjson.loads(body)["inputs"][0]
        y = model.run(numpy.array(tensor["data"], numpy.float32).reshape(tensor["shape"]))
        answer = model.answer(y, data=y.reshape(-1))
        return Response(orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")
    json_size = int(json_size)
    tensor = orjson.loads(memoryview(body)[:json_size])["inputs"][0]
    y = model.run(numpy.frombuffer(body, numpy.float32, offset=json_size).reshape(tensor["shape"]))
    head = orjson.dumps(model.answer(y, parameters={"binary_data_size": y.nbytes}))
    return Response(head + y.tobytes(), media_type="application/octet-stream", headers={HEADER: str(len(head))})


def main():
    with socket.create_server(("127.0.0.1", int(sys.argv[2])), backlog=2048) as listener:
        # Connections must outlive the blocks in which others are measured.
        config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_keep_alive=3600)
        print("ready", listener.getsockname()[1], flush=True)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
