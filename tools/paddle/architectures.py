"""Small whole networks, of the kinds that users bring. The sizes are those of a test, the blocks those of the originals."""
from cases.case import Family
from networks import classifiers, dynamic, text


def cases():
    family = Family("architectures")
    for group in [classifiers, text, dynamic]:
        group.add(family)
    return family.cases
