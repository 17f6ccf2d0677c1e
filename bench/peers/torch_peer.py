"""PyTorch and torch.func on the workloads of dev.lockstep.bench; peer.py has the protocol.

    pip install torch==2.13.0 numpy
    echo 'layer 1' | python bench/peers/torch_peer.py
"""

import functools
import math

import inputs
import numpy
import peer
import torch
from torch.func import grad, grad_and_value, hessian, jacfwd, jacrev, vmap
from torch.nn.functional import (
    cross_entropy,
    layer_norm,
    max_pool2d,
    scaled_dot_product_attention,
)
from torch.utils._pytree import tree_map


def peak_bytes(run):
    """The largest sum of what was allocated and not yet freed, from the profiler's events."""
    activities = [torch.profiler.ProfilerActivity.CPU]
    with torch.profiler.profile(activities=activities, profile_memory=True) as profile:
        run()
    live = peak = 0
    for event in profile.profiler.kineto_results.events():
        if event.name() == "[memory]":
            live += event.nbytes()
            peak = max(peak, live)
    return peak


def prepared(function, *arguments):
    arguments = tree_map(torch.as_tensor, arguments)

    def run():
        return function(*arguments)

    run()
    return peer.Prepared(run, peak_bytes(run))


def layer():
    function = vmap(lambda w, x: w @ x, in_dims=(None, 0))
    return prepared(function, inputs.uniform(64, 100), inputs.uniform(16, 100))


def forward(w, x):
    return x @ w


def gradient_of_each_output(w, x):
    return vmap(lambda xi: vmap(lambda column: grad(forward)(column, xi), -1, -1)(w))(x)


JACOBIANS = {
    "jac-grad": gradient_of_each_output,
    "jac-fwd": lambda w, x: jacfwd(forward)(w, x).sum(1),
    "jac-rev": lambda w, x: jacrev(forward)(w, x).sum(1),
    "jac-vmap-fwd": lambda w, x: vmap(lambda xi: jacfwd(forward)(w, xi))(x).sum(1),
    "jac-vmap-rev": lambda w, x: vmap(lambda xi: jacrev(forward)(w, xi))(x).sum(1),
}


def jacobian(function, p):
    w = inputs.uniform(p, inputs.JACOBIAN_OUTPUTS)
    return prepared(function, w, inputs.uniform(inputs.JACOBIAN_EXAMPLES, p))


def attention(q, k, v):
    """The library's own kernel, which wants an axis of heads."""
    return scaled_dot_product_attention(q[:, None], k[:, None], v[:, None])[:, 0]


def attention_gradient(q, k, v):
    return grad(lambda *s: attention(*s).sum(), argnums=(0, 1, 2))(q, k, v)


def loss(parameters, x, y):
    w1, b1, w2, b2, w3, b3 = parameters
    hidden = torch.tanh(torch.tanh(x @ w1 + b1) @ w2 + b2)
    return torch.mean((hidden @ w3 + b3 - y) ** 2)


def rosenbrock(x):
    return torch.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def normal(x):
    return 0.5 * (1 + torch.erf(x * math.sqrt(0.5)))


def pooled(x):
    return max_pool2d(x, 3, 2, 1)


def layer_normalised(x, scale, bias):
    return layer_norm(x, scale.shape, scale, bias, 1e-5)


def call_price(spot, strike, years, rate, volatility):
    deviation = volatility * torch.sqrt(years)
    d1 = (torch.log(spot / strike) + (rate + 0.5 * volatility**2) * years) / deviation
    discount = torch.exp(-rate * years)
    return spot * normal(d1) - strike * discount * normal(d1 - deviation)


def last_state(cell, xs):
    w, u = cell
    h = torch.zeros(inputs.RNN_BATCH, inputs.RNN_WIDTH)
    for x in xs:
        h = torch.tanh(h @ w + x @ u)
    return h


def recurrent(function):
    width = inputs.RNN_WIDTH
    w = inputs.uniform(width, width, scale=0.2)
    xs = inputs.uniform(inputs.RNN_STEPS, inputs.RNN_BATCH, width)
    return prepared(function, (w, w), xs)


def matrices(function, batch, n, dtype, *, sided):
    """A function of positive definite matrices, and of right-hand sides if sided."""
    a = inputs.uniform(batch, n, n).astype(dtype)
    definite = a @ a.swapaxes(-1, -2) + n * numpy.eye(n, dtype=dtype)
    sides = [inputs.uniform(batch, n).astype(dtype)] if sided else []
    return prepared(function, definite, *sides)


def conv(x, w):
    return torch.nn.functional.conv2d(x, w, padding="same")


def convolutions():
    gradient = grad(lambda x, w: torch.sum(conv(x, w) ** 2), argnums=(0, 1))
    halves = [torch.as_tensor(v).bfloat16() for v in inputs.convolution()]
    return {
        "conv2d": lambda: prepared(conv, *inputs.convolution()),
        "conv2d-grad": lambda: prepared(gradient, *inputs.convolution()),
        "conv2d-bf16": lambda: prepared(conv, *halves),
    }


def linear_algebra():
    solve, cholesky = torch.linalg.solve, torch.linalg.cholesky
    gradient = grad(lambda a, b: torch.sum(torch.sin(solve(a, b))))
    return {
        "solve-8": lambda: matrices(solve, 10_000, 8, "float64", sided=True),
        "cholesky-8": lambda: matrices(cholesky, 10_000, 8, "float64", sided=False),
        "eigh-33": lambda: matrices(
            torch.linalg.eigh, 1_000, 33, "float32", sided=False
        ),
        "solve-grad-16": lambda: matrices(gradient, 1_000, 16, "float64", sided=True),
        "cholesky-512": lambda: matrices(cholesky, 1, 512, "float64", sided=False),
    }


def workloads():
    named = {
        "dispatch": lambda: prepared(lambda x: x + 1, inputs.uniform(4)),
        "dot-i32": lambda: prepared(vmap(torch.dot), *inputs.dots("int32")),
        "dot-f32": lambda: prepared(vmap(torch.dot), *inputs.dots("float32")),
        "layer": layer,
        "mlp-grad": lambda: prepared(grad_and_value(loss), *inputs.perceptron()),
        "per-example-grad": lambda: prepared(
            vmap(grad(loss), in_dims=(None, 0, 0)), *inputs.perceptron()
        ),
        "max-pool-grad": lambda: prepared(
            grad(lambda x: torch.sum(pooled(x) ** 2)), inputs.uniform(4, 64, 56, 56)
        ),
        "layer-norm-grad": lambda: prepared(
            grad(lambda *a: torch.sum(layer_normalised(*a) ** 2), argnums=(0, 1, 2)),
            *inputs.normalised(),
        ),
        "cross-entropy-grad": lambda: prepared(
            lambda x, y: grad(cross_entropy)(x, y.long()), *inputs.labelled_logits()
        ),
        "chain": lambda: prepared(
            lambda x: torch.tanh(x) * torch.exp(-x * x) + 0.5 * x,
            inputs.uniform(4 << 20),
        ),
        "scalar-grad": lambda: prepared(
            vmap(grad(lambda x: torch.sin(x) * torch.exp(x))), inputs.uniform(1 << 20)
        ),
        "sum": lambda: prepared(torch.sum, inputs.uniform(4 << 20)),
        "add": lambda: prepared(
            torch.add, inputs.uniform(4 << 20), inputs.uniform(4 << 20)
        ),
        "matmul": lambda: prepared(
            torch.matmul, inputs.uniform(1024, 1024), inputs.uniform(1024, 1024)
        ),
        "bmm": lambda: prepared(
            torch.matmul, inputs.uniform(64, 128, 128), inputs.uniform(64, 128, 128)
        ),
        "rosenbrock-grad-1000": lambda: prepared(
            grad(rosenbrock), inputs.uniform(1000)
        ),
        "greeks": lambda: prepared(
            vmap(grad(call_price, argnums=tuple(range(5)))), *inputs.options()
        ),
        "rnn": lambda: recurrent(last_state),
        "rnn-grad": lambda: recurrent(
            grad(lambda cell, xs: torch.mean(last_state(cell, xs) ** 2))
        ),
    }
    for name, function in JACOBIANS.items():
        for p in inputs.JACOBIAN_INPUTS:
            named[f"{name}-{p}"] = functools.partial(jacobian, function, p)
    for shape in inputs.ATTENTION:
        size = "x".join(map(str, shape))
        sequences = inputs.sequences(shape)
        named["attention-" + size] = functools.partial(prepared, attention, *sequences)
        named["attention-grad-" + size] = functools.partial(
            prepared, attention_gradient, *sequences
        )
    for n in (10, 100, 1000):
        named[f"rosenbrock-hessian-{n}"] = functools.partial(
            prepared, hessian(rosenbrock), inputs.uniform(n)
        )
    return named | convolutions() | linear_algebra()


if __name__ == "__main__":
    peer.serve("torch", torch.__version__, workloads())
