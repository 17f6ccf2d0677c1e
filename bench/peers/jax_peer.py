"""JAX on the workloads of dev.lockstep.bench, all under jit; peer.py has the protocol.

    pip install jax==0.10.2
    echo 'layer 1' | python bench/peers/jax_peer.py
"""

import functools
import math

import inputs
import jax
import jax.numpy as jnp
import numpy
import peer
from jax import grad, hessian, jacfwd, jacrev, vmap


def jitted(function, *arguments):
    """The compiled function on device arrays; its memory is what XLA plans for it."""
    arguments = jax.tree.map(jnp.asarray, arguments)
    compiled = jax.jit(function)
    memory = compiled.lower(*arguments).compile().memory_analysis()
    peak = memory.temp_size_in_bytes + memory.output_size_in_bytes
    return peer.Prepared(lambda: jax.block_until_ready(compiled(*arguments)), peak)


def layer():
    function = vmap(lambda w, x: w @ x, in_axes=(None, 0))
    return jitted(function, inputs.uniform(64, 100), inputs.uniform(16, 100))


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
    return jitted(function, w, inputs.uniform(inputs.JACOBIAN_EXAMPLES, p))


def attention(q, k, v):
    return jax.nn.softmax(q @ k.T / math.sqrt(q.shape[1]), axis=-1) @ v


def attention_gradient(q, k, v):
    return grad(lambda *s: vmap(attention)(*s).sum(), argnums=(0, 1, 2))(q, k, v)


def loss(parameters, x, y):
    w1, b1, w2, b2, w3, b3 = parameters
    hidden = jnp.tanh(jnp.tanh(x @ w1 + b1) @ w2 + b2)
    return jnp.mean((hidden @ w3 + b3 - y) ** 2)


def compilation():
    """A new function a call, so that it is traced and compiled each time."""
    arguments = jax.tree.map(jnp.asarray, inputs.perceptron())

    def run():
        step = jax.jit(lambda *a: jax.value_and_grad(loss)(*a))
        jax.block_until_ready(step(*arguments))

    return peer.Prepared(run)


def pooled(x):
    return jax.lax.reduce_window(
        x,
        -jnp.inf,
        jax.lax.max,
        (1, 1, 3, 3),
        (1, 1, 2, 2),
        ((0, 0), (0, 0), (1, 1), (1, 1)),
    )


def layer_norm(x, scale, bias):
    centred = x - x.mean(-1, keepdims=True)
    variance = jnp.mean(centred**2, -1, keepdims=True)
    return centred * jax.lax.rsqrt(variance + 1e-5) * scale + bias


def cross_entropy(logits, labels):
    of_labels = jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], -1)
    return -jnp.mean(of_labels)


def rosenbrock(x):
    return jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def normal(x):
    return 0.5 * (1 + jax.lax.erf(x * math.sqrt(0.5)))


def call_price(spot, strike, years, rate, volatility):
    deviation = volatility * jnp.sqrt(years)
    d1 = (jnp.log(spot / strike) + (rate + 0.5 * volatility**2) * years) / deviation
    discount = jnp.exp(-rate * years)
    return spot * normal(d1) - strike * discount * normal(d1 - deviation)


def greeks():
    with jax.enable_x64(True):
        prepared = jitted(vmap(grad(call_price, argnums=range(5))), *inputs.options())

    def run():
        with jax.enable_x64(True):
            prepared.run()

    return peer.Prepared(run, prepared.peak_bytes)


def last_state(cell, xs):
    w, u = cell
    start = jnp.zeros((inputs.RNN_BATCH, inputs.RNN_WIDTH), jnp.float32)
    return jax.lax.scan(lambda h, x: (jnp.tanh(h @ w + x @ u), None), start, xs)[0]


def recurrent(function):
    width = inputs.RNN_WIDTH
    w = inputs.uniform(width, width, scale=0.2)
    xs = inputs.uniform(inputs.RNN_STEPS, inputs.RNN_BATCH, width)
    return jitted(function, (w, w), xs)


def matrices(function, batch, n, dtype, *, sided):
    """A function of positive definite matrices, and of right-hand sides if sided."""
    with jax.enable_x64(True):
        a = inputs.uniform(batch, n, n).astype(dtype)
        definite = a @ a.swapaxes(-1, -2) + n * numpy.eye(n, dtype=dtype)
        sides = [inputs.uniform(batch, n).astype(dtype)] if sided else []
        prepared = jitted(function, definite, *sides)

    def run():
        with jax.enable_x64(True):
            prepared.run()

    return peer.Prepared(run, prepared.peak_bytes)


def conv(x, w):
    return jax.lax.conv_general_dilated(x, w, (1, 1), "SAME")


def convolutions():
    gradient = grad(lambda x, w: jnp.sum(conv(x, w) ** 2), argnums=(0, 1))
    halves = [jnp.asarray(values, jnp.bfloat16) for values in inputs.convolution()]
    return {
        "conv2d": lambda: jitted(conv, *inputs.convolution()),
        "conv2d-grad": lambda: jitted(gradient, *inputs.convolution()),
        "conv2d-bf16": lambda: jitted(conv, *halves),
    }


def linear_algebra():
    solve = vmap(jnp.linalg.solve)
    gradient = grad(lambda a, b: jnp.sum(jnp.sin(solve(a, b))))
    cholesky = jnp.linalg.cholesky
    return {
        "solve-8": lambda: matrices(solve, 10_000, 8, "float64", sided=True),
        "cholesky-8": lambda: matrices(cholesky, 10_000, 8, "float64", sided=False),
        "eigh-33": lambda: matrices(jnp.linalg.eigh, 1_000, 33, "float32", sided=False),
        "solve-grad-16": lambda: matrices(gradient, 1_000, 16, "float64", sided=True),
        "cholesky-512": lambda: matrices(cholesky, 1, 512, "float64", sided=False),
        "normals": lambda: jitted(
            lambda key: jax.random.normal(key, (1 << 24,)), jax.random.key(0)
        ),
    }


def workloads():
    named = {
        "dispatch": lambda: jitted(lambda x: x + 1, inputs.uniform(4)),
        "dot-i32": lambda: jitted(vmap(jnp.dot), *inputs.dots("int32")),
        "dot-f32": lambda: jitted(vmap(jnp.dot), *inputs.dots("float32")),
        "layer": layer,
        "mlp-grad": lambda: jitted(jax.value_and_grad(loss), *inputs.perceptron()),
        "per-example-grad": lambda: jitted(
            vmap(grad(loss), in_axes=(None, 0, 0)), *inputs.perceptron()
        ),
        "max-pool-grad": lambda: jitted(
            grad(lambda x: jnp.sum(pooled(x) ** 2)), inputs.uniform(4, 64, 56, 56)
        ),
        "layer-norm-grad": lambda: jitted(
            grad(lambda *a: jnp.sum(layer_norm(*a) ** 2), argnums=(0, 1, 2)),
            *inputs.normalised(),
        ),
        "cross-entropy-grad": lambda: jitted(
            grad(cross_entropy), *inputs.labelled_logits()
        ),
        "chain": lambda: jitted(
            lambda x: jnp.tanh(x) * jnp.exp(-x * x) + 0.5 * x, inputs.uniform(4 << 20)
        ),
        "scalar-grad": lambda: jitted(
            vmap(grad(lambda x: jnp.sin(x) * jnp.exp(x))), inputs.uniform(1 << 20)
        ),
        "sum": lambda: jitted(jnp.sum, inputs.uniform(4 << 20)),
        "add": lambda: jitted(
            jnp.add, inputs.uniform(4 << 20), inputs.uniform(4 << 20)
        ),
        "matmul": lambda: jitted(
            jnp.matmul, inputs.uniform(1024, 1024), inputs.uniform(1024, 1024)
        ),
        "bmm": lambda: jitted(
            jnp.matmul, inputs.uniform(64, 128, 128), inputs.uniform(64, 128, 128)
        ),
        "rosenbrock-grad-1000": lambda: jitted(grad(rosenbrock), inputs.uniform(1000)),
        "greeks": greeks,
        "rnn": lambda: recurrent(last_state),
        "rnn-grad": lambda: recurrent(
            grad(lambda cell, xs: jnp.mean(last_state(cell, xs) ** 2))
        ),
        "compile": compilation,
    }
    for name, function in JACOBIANS.items():
        for p in inputs.JACOBIAN_INPUTS:
            named[f"{name}-{p}"] = functools.partial(jacobian, function, p)
    for shape in inputs.ATTENTION:
        size = "x".join(map(str, shape))
        sequences = inputs.sequences(shape)
        named["attention-" + size] = functools.partial(
            jitted, vmap(attention), *sequences
        )
        named["attention-grad-" + size] = functools.partial(
            jitted, attention_gradient, *sequences
        )
    for n in (10, 100, 1000):
        named[f"rosenbrock-hessian-{n}"] = functools.partial(
            jitted, hessian(rosenbrock), inputs.uniform(n)
        )
    return named | convolutions() | linear_algebra()


if __name__ == "__main__":
    peer.serve("jax", jax.__version__, workloads())
