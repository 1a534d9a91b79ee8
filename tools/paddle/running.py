"""Runs a saved model with Paddle itself."""
import numpy as np
import paddle
import paddle.inference


def run(prefix, inputs):
    """The outputs, in order. Paddle 3.0's predictor refuses a program without parameters: its executor runs that."""
    if paddle.__version__ == "3.0.0" and not prefix.with_suffix(".pdiparams").exists():
        return run_executor(prefix, inputs)
    return run_predictor(prefix, inputs)


def run_predictor(prefix, inputs):
    """oneDNN and the graph passes are off: with them Paddle 3.3 computes some models wrongly."""
    legacy = prefix.with_suffix(".pdmodel")
    model = legacy if legacy.exists() else prefix.with_suffix(".json")
    weights = prefix.with_suffix(".pdiparams")
    config = paddle.inference.Config(str(model), str(weights) if weights.exists() else "")
    config.disable_mkldnn()
    config.switch_ir_optim(False)
    config.disable_glog_info()
    config.set_cpu_math_library_num_threads(1)
    predictor = paddle.inference.create_predictor(config)
    for name in predictor.get_input_names():
        predictor.get_input_handle(name).copy_from_cpu(inputs[name])
    predictor.run()
    return [predictor.get_output_handle(name).copy_to_cpu() for name in predictor.get_output_names()]


def run_executor(prefix, inputs):
    paddle.enable_static()
    executor = paddle.static.Executor(paddle.CPUPlace())
    program, feeds, fetches = paddle.static.load_inference_model(str(prefix), executor)
    outputs = executor.run(program, feed={name: inputs[name] for name in feeds}, fetch_list=fetches)
    if any(output is None for output in outputs):
        raise RuntimeError("the executor returns no value for an output")
    return [np.asarray(output) for output in outputs]
