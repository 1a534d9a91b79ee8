"""Small whole networks, of the kinds that users bring: sizes of a test, blocks of the originals."""
from cases.case import Family
from networks import classifiers, dynamic, text


def cases():
    family = Family("architectures")
    for group in [classifiers, text, dynamic]:
        group.add(family)
    return family.cases
