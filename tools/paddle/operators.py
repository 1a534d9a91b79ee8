"""The micro-models: one per operator and attribute variant, one file of cases/ per family."""
from cases import activations, convolution

FAMILIES = [activations.family, convolution.family]


def cases():
    return [case for family in FAMILIES for case in family.cases]
