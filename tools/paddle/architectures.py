"""Small whole networks, of the kinds that users bring."""
import paddle.nn as nn

from cases.case import Family, reals

family = Family("architectures")


class Mlp(nn.Layer):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 4))

    def forward(self, x):
        return self.layers(x)


family.add("mlp", Mlp, [reals("x", [2, 16])])


def cases():
    return family.cases
