"""Recognisers of lines of text, and a transformer encoder of token ids."""
import paddle
import paddle.nn as nn
import paddle.nn.functional as F

from cases.case import exactly, reals
from networks.blocks import ConvNorm

CLASSES = 20


class Crnn(nn.Layer):
    """Convolutions down to height 1, `neck` along the width, then one class for each column."""

    def __init__(self, neck, channels):
        super().__init__()
        self.backbone = nn.Sequential(ConvNorm(3, 8, stride=2, activation="hardswish"), ConvNorm(8, 12, 3, (2, 1)),
                                      ConvNorm(12, 16, 3, (2, 1)), nn.MaxPool2D((4, 2), (4, 2)))
        self.neck = neck
        self.head = nn.Linear(channels, CLASSES)

    def forward(self, x):
        sequence = self.backbone(x).squeeze(2).transpose([0, 2, 1])
        return F.softmax(self.head(self.neck(sequence)), axis=2)


class Recurrent(nn.Layer):
    def __init__(self, kind):
        super().__init__()
        self.rnn = kind(16, 12, num_layers=2, direction="bidirect")

    def forward(self, sequence):
        return self.rnn(sequence)[0]


class Convolution(nn.Layer):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1D(16, 24, 3, padding=1)

    def forward(self, sequence):
        return F.relu(self.conv(sequence.transpose([0, 2, 1]))).transpose([0, 2, 1])


class MixingBlock(nn.Layer):
    """Attention written out, as in SVTR: global, or within a window of columns."""

    def __init__(self, size, heads, window=None):
        super().__init__()
        self.heads = heads
        self.window = window
        self.norm1 = nn.LayerNorm(size, epsilon=1e-6)
        self.qkv = nn.Linear(size, size * 3)
        self.project = nn.Linear(size, size)
        self.norm2 = nn.LayerNorm(size, epsilon=1e-6)
        self.mlp = nn.Sequential(nn.Linear(size, size * 2), nn.GELU(), nn.Linear(size * 2, size))

    def attend(self, x):
        batch, count, size = paddle.shape(x)[0], paddle.shape(x)[1], x.shape[2]
        qkv = self.qkv(x).reshape([0, -1, 3, self.heads, size // self.heads]).transpose([2, 0, 3, 1, 4])
        q, k, v = qkv[0] * (size // self.heads) ** -0.5, qkv[1], qkv[2]
        scores = paddle.matmul(q, k.transpose([0, 1, 3, 2]))
        if self.window is not None:
            scores = scores + self.outside(count)
        mixed = paddle.matmul(F.softmax(scores, axis=-1), v).transpose([0, 2, 1, 3])
        return self.project(mixed.reshape([batch, count, size]))

    def outside(self, count):
        """Minus infinity, nearly, for pairs of columns that are further apart than the window."""
        columns = paddle.arange(0, count, dtype="float32")
        distance = paddle.abs(columns.unsqueeze(0) - columns.unsqueeze(1))
        return paddle.where(distance > float(self.window), paddle.full_like(distance, -1e4),
                            paddle.zeros_like(distance))

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Svtr(nn.Layer):
    def __init__(self, size=16):
        super().__init__()
        self.embed = nn.Sequential(ConvNorm(3, 8, stride=2, activation="gelu"),
                                   ConvNorm(8, size, stride=2, activation="gelu"))
        self.position = self.create_parameter([1, 32, size])
        self.blocks = nn.Sequential(MixingBlock(size, 2, window=5), MixingBlock(size, 2))
        self.merge = nn.Conv2D(size, 24, 3, stride=(2, 1), padding=1)
        self.norm = nn.LayerNorm(24)
        self.pool = nn.AdaptiveAvgPool2D([1, None])
        self.head = nn.Linear(24, CLASSES)

    def forward(self, x):
        x = self.embed(x)
        sequence = self.blocks(x.flatten(2).transpose([0, 2, 1]) + self.position)
        x = self.merge(sequence.transpose([0, 2, 1]).reshape([0, 16, 2, 16]))
        x = self.norm(x.flatten(2).transpose([0, 2, 1])).transpose([0, 2, 1]).reshape([0, 24, 1, 16])
        return F.softmax(self.head(F.hardswish(x).squeeze(2).transpose([0, 2, 1])), axis=2)


class Transformer(nn.Layer):
    def __init__(self, tokens=40, size=16):
        super().__init__()
        self.token = nn.Embedding(tokens, size, padding_idx=0)
        self.position = nn.Embedding(32, size)
        self.norm = nn.LayerNorm(size)
        layer = nn.TransformerEncoderLayer(size, 2, 32, dropout=0.1, activation="gelu")
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.pooler = nn.Linear(size, size)
        self.head = nn.Linear(size, 3)

    def forward(self, ids):
        positions = paddle.arange(0, paddle.shape(ids)[1], dtype="int64").unsqueeze(0)
        mask = (ids == 0).astype("float32").unsqueeze([1, 2]) * -1e4
        x = self.encoder(self.norm(self.token(ids) + self.position(positions)), mask)
        return x, self.head(F.tanh(self.pooler(x[:, 0])))


def add(family):
    line = [reals("x", [1, 3, 32, 32], dynamic=(0, 3))]
    family.add("crnn_lstm", lambda: Crnn(Recurrent(nn.LSTM), 24), line)
    for name, neck in {"crnn_gru": lambda: Recurrent(nn.GRU), "crnn_conv": Convolution}.items():
        family.add(name, lambda neck=neck: Crnn(neck(), 24), line)
    family.add("svtr", Svtr, [reals("x", [2, 3, 8, 64])])
    ids = [[5, 12, 7, 33, 2, 9, 1], [8, 3, 21, 4, 0, 0, 0]]
    family.add("transformer", Transformer, [exactly("ids", ids, "int64", dynamic=(0, 1))])
