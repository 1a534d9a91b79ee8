"""Branches and loops. Paddle turns the Python of these functions into operators, so they are written out with def."""
import paddle
import paddle.nn as nn

from cases.case import Family, exactly, reals

family = Family("control")
POSITIVE = [reals("x", [2, 4], 0.5, 2)]
NEGATIVE = [reals("x", [2, 4], -2, -0.5)]
X = [reals("x", [2, 4])]
LINEAR = {"first": lambda net: nn.Linear(4, 4), "second": lambda net: nn.Linear(4, 4)}


def branch(net, x):
    if paddle.mean(x) > 0:
        y = net.first(x)
    else:
        y = net.second(x) - 1.0
    return y


family.network("if_true", branch, POSITIVE, LINEAR)
family.network("if_false", branch, NEGATIVE, LINEAR)


def branch_two_results(net, x):
    if paddle.sum(x) > 0:
        a = x + 1.0
        b = x * 2.0
    else:
        a = x - 1.0
        b = x * 3.0
    return a, b


family.network("if_two_results", branch_two_results, NEGATIVE, {})


def branch_nested(net, x):
    mean = paddle.mean(x)
    if mean > 0:
        if mean > 1:
            y = x * 10.0
        else:
            y = x * 5.0
    else:
        y = -x
    return y


family.network("if_nested", branch_nested, POSITIVE, {})


def branch_keeps(net, x):
    y = x * 2.0
    if paddle.mean(x) > 0:
        y = y + 1.0
    return y


family.network("if_without_else_true", branch_keeps, POSITIVE, {})
family.network("if_without_else_false", branch_keeps, NEGATIVE, {})


def branch_on_input(net, x, flag):
    if flag:
        y = x + 1.0
    else:
        y = x - 1.0
    return y


family.network("if_bool_input", branch_on_input, X + [exactly("flag", [True], "bool")], {})


def branch_shape(net, x):
    if paddle.shape(x)[0] > 3:
        y = x[:3]
    else:
        y = paddle.concat([x, x], axis=0)
    return y


family.network("if_other_shape", branch_shape, X, {})


def branch_both_conditions(net, x):
    if paddle.mean(x) > 0 and paddle.max(x) < 3:
        y = x + 1.0
    else:
        y = x - 1.0
    return y


family.network("if_and", branch_both_conditions, POSITIVE, {})
family.network("cond_function",
               lambda net, x: paddle.static.nn.cond(paddle.mean(x) > 0, lambda: x + 1.0, lambda: x - 1.0),
               POSITIVE, {})


def loop_counter(net, x):
    i = paddle.zeros([1], "int64")
    limit = paddle.full([1], 3, "int64")
    while i < limit:
        x = paddle.nn.functional.relu(net.first(x)) + 0.1
        i = i + 1
    return x


family.network("while_counter", loop_counter, X, LINEAR)


def loop_limit(net, x, n):
    i = paddle.zeros([], "int64")
    total = paddle.zeros_like(x)
    while i < n[0]:
        total = total + x
        x = x * 0.5
        i = i + 1
    return total, x, i


family.network("while_tensor_limit", loop_limit, X + [exactly("n", [4], "int64")], {})
family.network("while_never", loop_limit, X + [exactly("n", [0], "int64")], {})


def loop_with_branch(net, x, n):
    i = paddle.zeros([1], "int64")
    while i < n:
        if paddle.mean(x) > 0:
            x = x - 1.0
        else:
            x = x * -2.0
        i = i + 1
    return x


family.network("while_with_if", loop_with_branch, X + [exactly("n", [5], "int64")], {})


def loop_on_value(net, x):
    while paddle.sum(paddle.abs(x)) > 1.0:
        x = x * 0.5
    return x


family.network("while_value", loop_on_value, X, {})


def loop_range(net, x, n):
    total = x
    for i in range(n):
        total = total + x * i
    return total


family.network("for_range_tensor", loop_range, X + [exactly("n", [3], "int64")], {})


def loop_nested(net, x, n):
    i = paddle.zeros([1], "int64")
    while i < n:
        j = paddle.zeros([1], "int64")
        while j < i:
            x = x + 1.0
            j = j + 1
        i = i + 1
    return x


family.network("while_nested", loop_nested, X + [exactly("n", [3], "int64")], {})


def loop_break(net, x, n):
    i = paddle.zeros([1], "int64")
    while i < n:
        x = x + 1.0
        if paddle.mean(x) > 2.0:
            break
        i = i + 1
    return x


family.network("while_break", loop_break, POSITIVE + [exactly("n", [6], "int64")], {})


def loop_growing(net, x, n):
    i = paddle.zeros([1], "int64")
    rows = x
    while i < n:
        rows = paddle.concat([rows, x + 1.0], axis=0)
        i = i + 1
    return rows


family.network("while_growing", loop_growing, X + [exactly("n", [2], "int64")], {})
