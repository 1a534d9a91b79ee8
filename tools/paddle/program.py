"""Which operators a saved program contains."""
import json

import paddle

# Operators that carry inputs, outputs, parameters, constants and lists, and so are in nearly every program.
PLUMBING = {"feed", "fetch", "data", "p", "full", "full_int_array", "combine", "split_list", "yield"}


def operators(prefix):
    """The sorted types of the operators in the model at this prefix, those of nested blocks included."""
    legacy = prefix.with_suffix(".pdmodel")
    names = legacy_operators(legacy) if legacy.exists() else pir_operators(prefix.with_suffix(".json"))
    return sorted(names - PLUMBING)


def legacy_operators(path):
    """Leaves out the scale by 1 that Paddle 2.6 puts before each output."""
    return {operator.type() for operator in descriptions(paddle.base.core.ProgramDesc(path.read_bytes()))
            if not any(name.startswith("save_infer_model/") for name in operator.output_arg_names())}


def descriptions(program):
    """The operators of all blocks. A generator, because they live only as long as the program does."""
    for block in map(program.block, range(program.num_blocks())):
        yield from map(block.op, range(block.op_size()))


def pir_operators(path):
    return set(names_in(json.loads(path.read_text())["program"]["regions"]))


def names_in(regions):
    for operation in (operation for region in regions for block in region["blocks"] for operation in block["ops"]):
        dialect, _, name = operation["#"].rpartition(".")
        yield "split_list" if (dialect, name) == ("0", "split") else name
        yield from names_in(operation.get("regions", []))
