"""The micro-models: one per operator and attribute variant, one file of cases/ per family."""
import importlib

FAMILIES = ["activations", "binary", "control", "convolution", "creation", "indexing", "linear", "normalization",
            "ordering", "parameters", "pooling", "recurrent", "reduction", "shape", "unary", "vision"]


def cases():
    families = [importlib.import_module(f"cases.{name}").family for name in FAMILIES]
    return [case for family in families for case in family.cases]
