"""A model behind Flask, on gunicorn with one gevent worker; JSON only:

  OARLOCK_BENCH_MODEL=MODEL.onnx gunicorn --config gunicorn_conf.py --bind 127.0.0.1:PORT flask_app:app

The routes and bytes are those of the KServe v2 protocol; orjson reads and writes, which is faster than Flask's own.
"""
import os

import numpy
import orjson
from flask import Flask, Response, request

from model import Model

app = Flask(__name__)
model = Model(os.environ["OARLOCK_BENCH_MODEL"])


@app.get("/v2/models/<name>")
def metadata(name):
    if name != model.name:
        return Response(orjson.dumps({"error": f"no model '{name}'"}), 404, mimetype="application/json")
    return Response(orjson.dumps(model.metadata()), mimetype="application/json")


@app.post("/v2/models/<name>/infer")
def infer(name):
    if name != model.name:
        return Response(orjson.dumps({"error": f"no model '{name}'"}), 404, mimetype="application/json")
    tensor = orjson.loads(request.get_data(cache=False))["inputs"][0]
    y = model.run(numpy.array(tensor["data"], numpy.float32).reshape(tensor["shape"]))
    answer = model.answer(y, data=y.reshape(-1))
    return Response(orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY), mimetype="application/json")
