#!/usr/bin/env python3
"""Saves one network of paddle.vision.models with the Paddle version of this interpreter, and what that computes for it.

    vision.py NETWORK FOLDER

FOLDER then holds model.pdmodel or model.json, model.pdiparams, in.x.npy and out.<i>.npy. For tools/paddle/compare.
"""
import pathlib
import sys

import numpy as np
import paddle

import running
from cases.case import fill_parameters, random_state


def main(network, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    layer = getattr(paddle.vision.models, network)(pretrained=False)
    fill_parameters(layer, network)
    layer.eval()
    size = 299 if network == "inception_v3" else 224
    paddle.jit.save(layer, str(folder / "model"), input_spec=[paddle.static.InputSpec([None, 3, size, size], "float32", "x")])
    picture = random_state(network, "x").uniform(-2, 2, [1, 3, size, size]).astype("float32")
    np.save(folder / "in.x.npy", picture)
    for index, array in enumerate(running.run(folder / "model", {"x": picture})):
        np.save(folder / f"out.{index}.npy", array)


if __name__ == "__main__":
    main(*sys.argv[1:])
