"""Recurrent layers. All of them return the sequence and the final states."""
import paddle.nn as nn

from cases.case import Family, exactly, reals

family = Family("recurrent")
BATCH_MAJOR = reals("x", [3, 5, 4], dynamic=(0, 1))
TIME_MAJOR = reals("x", [5, 3, 4], dynamic=(0, 1))
LENGTHS = exactly("lengths", [5, 2, 3], "int32", dynamic=(0,))
HIDDEN = 3


def flat(outputs):
    """Paddle nests the states; a graph has a list of outputs."""
    sequence, states = outputs
    return (sequence, *states) if isinstance(states, (list, tuple)) else (sequence, states)


def layer_cases(name, make, gates):
    def add(variant, function, inputs, **settings):
        family.network(f"{name}{variant}", function, inputs, {"rnn": lambda net: make(4, HIDDEN, **settings)})

    def plain(net, x):
        return flat(net.rnn(x))

    def with_states(net, x, *states):
        return flat(net.rnn(x, states if len(states) > 1 else states[0]))

    def with_lengths(net, x, lengths):
        return flat(net.rnn(x, sequence_length=lengths))

    def states(layers):
        names = ["h", "c"] if gates == "lstm" else ["h"]
        return [reals(state, [layers, 3, HIDDEN], -1, 1, dynamic=(1,)) for state in names]

    add("", plain, [BATCH_MAJOR])
    add("_two_layers", plain, [BATCH_MAJOR], num_layers=2)
    add("_bidirectional", plain, [BATCH_MAJOR], direction="bidirect")
    add("_time_major", plain, [TIME_MAJOR], time_major=True)
    add("_initial_states", with_states, [BATCH_MAJOR] + states(1))
    add("_lengths", with_lengths, [BATCH_MAJOR, LENGTHS])
    if gates != "rnn":
        add("_bidirectional_two_layers", plain, [BATCH_MAJOR], direction="bidirect", num_layers=2)
        add("_initial_states_bidirectional", with_states, [BATCH_MAJOR] + states(2), direction="bidirect")
        add("_lengths_bidirectional", with_lengths, [BATCH_MAJOR, LENGTHS], direction="bidirect")


layer_cases("lstm", nn.LSTM, "lstm")
layer_cases("gru", nn.GRU, "gru")
layer_cases("rnn_tanh", nn.SimpleRNN, "rnn")
RELU = {"rnn": lambda net: nn.SimpleRNN(4, HIDDEN, num_layers=2, direction="bidirect", activation="relu")}
family.network("rnn_relu_bidirectional_two_layers", lambda net, x: flat(net.rnn(x)), [BATCH_MAJOR], RELU)
family.network("lstm_fixed_time", lambda net, x: net.rnn(x)[0], [reals("x", [3, 5, 4])],
               {"rnn": lambda net: nn.LSTM(4, HIDDEN)})

CELL_STATE = reals("h", [3, HIDDEN], -1, 1)
CELL_INPUT = reals("x", [3, 4])
family.network("lstm_cell", lambda net, x, h, c: (lambda out, states: (out, *states))(*net.cell(x, (h, c))),
               [CELL_INPUT, CELL_STATE, reals("c", [3, HIDDEN], -1, 1)], {"cell": lambda net: nn.LSTMCell(4, HIDDEN)})
