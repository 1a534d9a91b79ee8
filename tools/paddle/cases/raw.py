"""Operators that no function of Paddle's API makes any more, or not with these attributes."""
import paddle
from paddle.base.layer_helper import LayerHelper


def legacy_operator(kind, inputs, attributes=None, outputs=("Out",), dtype="float32"):
    """Appends one operator to the ProgramDesc that paddle.jit.save is building with Paddle 2.6. Returns its results."""
    helper = LayerHelper(kind)
    results = [helper.create_variable_for_type_inference(dtype) for _ in outputs]
    helper.append_op(type=kind, inputs=inputs, attrs=attributes or {},
                     outputs={slot: [result] for slot, result in zip(outputs, results)})
    return results[0] if len(results) == 1 else tuple(results)


def either(legacy, pir):
    """The function that makes the operator in the format of this Paddle: `pir` takes it from paddle._C_ops."""
    return legacy if paddle.__version__.startswith("2.") else pir
