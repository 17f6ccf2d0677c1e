"""Times JAX on the workloads of dev.lockstep.bench: same names, same sizes, microseconds.

    pip install jax==0.10.2
    python bench/peers/jax_peer.py [name ...]
"""

import statistics
import sys
import time

import jax
import jax.numpy as jnp
import numpy

ROUNDS = 25
ROUND_SECONDS = 0.1


def values(*shape):
    """Deterministic values in [-1, 1)."""
    return jnp.asarray(numpy.random.default_rng(0).uniform(-1, 1, shape).astype(numpy.float32))


def median_microseconds(run):
    """The median over rounds of the mean time of a call; each call waits for its result."""
    for _ in range(3):
        jax.block_until_ready(run())
    start = time.perf_counter()
    jax.block_until_ready(run())
    calls = max(1, int(ROUND_SECONDS / max(time.perf_counter() - start, 1e-7)))
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(calls):
            jax.block_until_ready(run())
        rounds.append((time.perf_counter() - start) / calls)
    return statistics.median(rounds) * 1e6


def workloads():
    four = values(4)
    add_one = jax.jit(lambda x: x + 1)
    yield "dispatch", lambda: add_one(four)

    weights, batch = values(64, 100), values(16, 100)

    def layer(w, x):
        return w @ x

    mapped_layer = jax.vmap(layer, in_axes=(None, 0))
    jitted_layer = jax.jit(mapped_layer)
    yield "layer", lambda: jitted_layer(weights, batch)
    yield "layerTracedEachCall", lambda: mapped_layer(weights, batch)

    for name, dtype in (("dotI32", jnp.int32), ("dotF32", jnp.float32)):
        left = jnp.tile(jnp.arange(150, dtype=dtype), (100, 1))
        right = jnp.tile(jnp.arange(100, 250, dtype=dtype), (100, 1))
        dots = jax.jit(jax.vmap(jnp.dot))
        yield name, lambda left=left, right=right, dots=dots: dots(left, right)

    a, b = values(1024, 1024), values(1024, 1024)
    product = jax.jit(jnp.matmul)
    yield "matmul", lambda: product(a, b)

    yield from linear_algebra()

    long = values(4 << 20)
    chain = jax.jit(lambda x: jnp.tanh(x) * jnp.exp(-x * x) + 0.5 * x)
    yield "chain", lambda: chain(long)


def linear_algebra():
    jax.config.update("jax_enable_x64", True)

    def definite(dtype, batch, n):
        a = values(batch, n, n).astype(dtype)
        return a @ a.swapaxes(-1, -2) + n * jnp.eye(n, dtype=dtype)

    small, right = definite(jnp.float64, 10_000, 8), values(10_000, 8).astype(jnp.float64)
    medium = definite(jnp.float32, 1_000, 33)
    large = definite(jnp.float64, 1, 512)[0]
    systems, sides = definite(jnp.float64, 1_000, 16), values(1_000, 16).astype(jnp.float64)
    solve = jax.vmap(jnp.linalg.solve)
    jitted_solve = jax.jit(solve)
    cholesky, eigh = jax.jit(jnp.linalg.cholesky), jax.jit(jnp.linalg.eigh)
    gradient = jax.jit(jax.grad(lambda a, b: jnp.sum(jnp.sin(solve(a, b)))))
    yield "solve8", lambda: jitted_solve(small, right)
    yield "cholesky8", lambda: cholesky(small)
    yield "eigh33", lambda: eigh(medium)
    yield "gradientOfSolve16", lambda: gradient(systems, sides)
    yield "cholesky512", lambda: cholesky(large)
    jax.config.update("jax_enable_x64", False)


def main():
    chosen = set(sys.argv[1:])
    print(f"JAX {jax.__version__}")
    for name, run in workloads():
        if not chosen or name in chosen:
            print(f"{name:<20} {median_microseconds(run):>12.2f} us", flush=True)


if __name__ == "__main__":
    main()
