"""Reads saved programs: which operators they contain, and what of them only this machine explains."""
import json

from paddle.base.proto import framework_pb2

# Operators that carry inputs, outputs, parameters, constants and lists, and so are in nearly every program.
PLUMBING = {"feed", "fetch", "data", "p", "full", "full_int_array", "combine", "split_list", "yield"}


def operators(prefix):
    """The sorted types of the operators in the model at this prefix, those of nested blocks included."""
    legacy = prefix.with_suffix(".pdmodel")
    names = legacy_operators(legacy) if legacy.exists() else pir_operators(prefix.with_suffix(".json"))
    return sorted(names - PLUMBING)


def legacy_operators(path):
    """Leaves out the scale by 1 that Paddle 2.6 puts before each output."""
    return {operator.type for block in parsed(path).blocks for operator in block.ops
            if not any(name.startswith("save_infer_model/") for slot in operator.outputs for name in slot.arguments)}


def parsed(path):
    program = framework_pb2.ProgramDesc()
    program.ParseFromString(path.read_bytes())
    return program


def neutralize(path, keep_versions):
    """Replaces the Python stack, with this machine's paths, that Paddle 2.6 writes into the feed and fetch operators.

    Without keep_versions the map of operator versions goes too: the same 1,360 bytes in each file, as much as the rest
    of a micro-model.
    """
    program = parsed(path)
    for attribute in (each for block in program.blocks for operator in block.ops for each in operator.attrs):
        if attribute.name == "op_callstack":
            attribute.strings[:] = ['  File "model.py", line 1, in <module>', "    save()"]
    if not keep_versions:
        program.ClearField("op_version_map")
    path.write_bytes(program.SerializeToString(deterministic=True))


def pir_operators(path):
    return set(names_in(json.loads(path.read_text())["program"]["regions"]))


def names_in(regions):
    for operation in (operation for region in regions for block in region["blocks"] for operation in block["ops"]):
        dialect, _, name = operation["#"].rpartition(".")
        yield "split_list" if (dialect, name) == ("0", "split") else name
        yield from names_in(operation.get("regions", []))
