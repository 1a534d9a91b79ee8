"""What examples/go-ocr does, as one would write it in Python: Flask, on gunicorn with gevent workers, and ONNX Runtime:

  OARLOCK_BENCH_MODEL=waybill.onnx gunicorn --config gunicorn_conf.py --workers N --bind 127.0.0.1:PORT ocr_app:app

POST /v1/waybill with a picture as the body answers with the same JSON. It has no rate limit, deadline or log: what it does
beyond reading pictures is less. The settings of the session are those of model.py; orjson writes, faster than Flask's own.
"""
import io
import os

import numpy
import onnxruntime
import orjson
from flask import Flask, Response, request
from PIL import Image

import check_digit

HEIGHT, WIDTH, PAPER = 32, 160, 200  # as examples/waybill/models/waybill/model.yaml has them
CHARSET, BLANK = "0123456789", 0
BODY_BYTES_MAX = 4 << 20

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX


def open_session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


session = open_session(os.environ["OARLOCK_BENCH_MODEL"])
input_name = session.get_inputs()[0].name


def input_of(file):
    """A picture, as large as it fits, on paper: FP32 [1, 1, 32, 160], grey levels from 0 to 1."""
    picture = Image.open(io.BytesIO(file)).convert("L")
    scale = min(HEIGHT / picture.height, WIDTH / picture.width)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    if picture.size != size:
        picture = picture.resize(size, Image.BILINEAR)
    x = numpy.full((1, 1, HEIGHT, WIDTH), PAPER / 255, numpy.float32)
    x[0, 0, :size[1], :size[0]] = numpy.asarray(picture, numpy.float32) / 255
    return x


def decode(probabilities):
    """Greedy CTC: [T, 11] -> the number, and the mean probability of its digits."""
    best = probabilities.argmax(1)
    kept = (best != BLANK) & (best != numpy.concatenate(([-1], best[:-1])))
    if not kept.any():
        return "", 0.0
    return "".join(CHARSET[c - 1] for c in best[kept].tolist()), float(probabilities.max(1)[kept].mean())


def answer(status, value):
    return Response(orjson.dumps(value), status, mimetype="application/json")


def error(status, code, message):
    return answer(status, {"error": {"code": code, "message": message}})


@app.post("/v1/waybill")
def waybill():
    try:
        x = input_of(request.get_data(cache=False))
    except (OSError, ValueError) as problem:
        return error(400, "INVALID_ARGUMENT", str(problem))
    number, confidence = decode(session.run(None, {input_name: x})[0][0])
    if not number:
        return error(422, "NOT_FOUND", "no digits were found in the picture")
    return answer(200, {"number": number, "confidence": confidence, "check": check_digit.check(number)})
