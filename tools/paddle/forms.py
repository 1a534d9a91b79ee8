#!/usr/bin/env python3
"""Writes tests/models/paddle_forms: one small model in each form of files that this interpreter's Paddle can save.

    forms.py MODELS

For tools/paddle/fixtures. What a form computes comes from a plain copy of it: Paddle cannot run all of them itself.
"""
import functools
import pathlib
import shutil
import sys
import tempfile

import numpy as np
import paddle
import paddle.nn as nn
import paddle.nn.functional as F

import program
import running
from cases.case import WRITERS, fill_parameters, random_state

LEGACY = WRITERS[paddle.__version__] == "legacy26"
PREFIX = "legacy" if LEGACY else "pir"
IMAGES = random_state("forms", "x").uniform(-2, 2, [2, 3, 6, 6]).astype("float32")
FACTOR = np.float32([1.5])


class ConvNormLinear(nn.Layer):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2D(3, 4, 3)
        self.norm = nn.BatchNorm2D(4)
        self.linear = nn.Linear(4, 2)

    def forward(self, x):
        return self.linear(F.relu(self.norm(self.conv(x))).mean([2, 3]))


class NoParameters(nn.Layer):
    def forward(self, x):
        return F.relu(x) * 2.0


def save_layer(make, prefix):
    with paddle.utils.unique_name.guard():
        layer = make()
        fill_parameters(layer, "forms")
        layer.eval()
        paddle.jit.save(layer, str(prefix), input_spec=[paddle.static.InputSpec([None, 3, None, None], "float32", "x")])


def save_static(prefix, network=None, with_input=False, **settings):
    """Two inputs and two outputs; `with_input` fetches the first input as an output, between the others."""
    paddle.enable_static()
    main, startup, scope = paddle.static.Program(), paddle.static.Program(), paddle.static.Scope()
    executor = paddle.static.Executor(paddle.CPUPlace())
    with paddle.static.program_guard(main, startup), paddle.static.scope_guard(scope), paddle.utils.unique_name.guard():
        x = paddle.static.data("x", [None, 3, 6, 6], "float32")
        factor = paddle.static.data("factor", [1], "float32")
        classes = F.softmax((network or convolved)(x))
        fetches = [classes, x, classes * factor] if with_input else [classes, classes * factor]
        executor.run(startup)
        paddle.static.save_inference_model(str(prefix), [x, factor], fetches, executor, program=main, **settings)
    paddle.disable_static()


def convolved(x):
    """The convolution and the linear layer, with values of our own given as initial ones: there is no layer to fill."""
    def drawn(name, sizes):
        values = random_state("forms", name).standard_normal(sizes) * 0.3
        return paddle.ParamAttr(initializer=nn.initializer.Assign(values.astype("float32")))

    norm = nn.BatchNorm2D(4)
    norm.eval()
    y = F.relu(norm(nn.Conv2D(3, 4, 3, weight_attr=drawn("conv", [4, 3, 3, 3]), bias_attr=False)(x)))
    return nn.Linear(64, 2, weight_attr=drawn("linear", [64, 2]))(paddle.flatten(y, 1))


def average(x):
    """For the form that is nine times as long as the others."""
    return paddle.mean(x, axis=[2, 3])


def outputs(save, inputs):
    """What the model of save(prefix) computes, saved plainly."""
    with tempfile.TemporaryDirectory() as folder:
        prefix = pathlib.Path(folder) / "inference"
        save(prefix)
        results = running.run(prefix, inputs)
    paddle.disable_static()
    return results


def write(models, name, save, inputs, results):
    folder = models / "paddle_forms" / f"{PREFIX}_{name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    save(folder / "inference")
    for path in folder.glob("*.info"):
        path.unlink()
    for path in [*folder.glob("*.pdmodel"), *folder.glob("__model__")]:
        program.neutralize(path, keep_versions=True)
    for key, array in inputs.items():
        np.save(folder / f"in.{key}.npy", array)
    for index, array in enumerate(results):
        np.save(folder / f"out.{index}.npy", array)


def save_separately(prefix):
    """Paddle 2.6 has no setting for it: the program and its variables, as Paddle 1 wrote them."""
    with tempfile.TemporaryDirectory() as folder:
        combined = str(pathlib.Path(folder) / "inference")
        save_static(combined)
        paddle.enable_static()
        executor = paddle.static.Executor(paddle.CPUPlace())
        loaded, _, _ = paddle.static.load_inference_model(combined, executor)
        shutil.copy(combined + ".pdmodel", prefix.parent / "__model__")
    weights = [each for each in loaded.list_vars() if each.persistable and each.name not in ("feed", "fetch")]
    paddle.static.io.save_vars(executor, str(prefix.parent), loaded, vars=weights)
    paddle.disable_static()


def save_under_old_names(prefix):
    """Paddle 1 wrote the same bytes under these names."""
    save_static(prefix)
    prefix.with_suffix(".pdmodel").rename(prefix.parent / "__model__")
    prefix.with_suffix(".pdiparams").rename(prefix.parent / "__params__")


def main(models):
    one, two = {"x": IMAGES}, {"x": IMAGES, "factor": FACTOR}
    layer = outputs(lambda prefix: save_layer(ConvNormLinear, prefix), one)
    static = outputs(save_static, two)
    averaged = functools.partial(save_static, network=average)
    write(models, "layer", lambda prefix: save_layer(ConvNormLinear, prefix), one, layer)
    write(models, "no_parameters", lambda prefix: save_layer(NoParameters, prefix), one, [np.maximum(IMAGES, 0) * 2])
    write(models, "static", save_static, two, static)
    write(models, "static_input_fetched", lambda prefix: save_static(prefix, with_input=True), two,
          [static[0], IMAGES, static[1]])
    if LEGACY:
        write(models, "separate", save_separately, two, static)
        write(models, "old_names", save_under_old_names, two, static)
    else:
        write(models, "separate", lambda prefix: save_static(prefix, separate_parameters=True), two, static)
        write(models, "readable", lambda prefix: averaged(prefix, readable=True), two, outputs(averaged, two))
        write(models, "not_trainable", lambda prefix: save_static(prefix, trainable=False), two, static)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
