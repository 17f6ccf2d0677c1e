"""Writes random numbers of JAX for KeyValuesTest: python random_values.py > ../resources/dev/lockstep/tensor/random.txt

A line is a draw, the mode, the seed, the shape and the values: floats as the hexadecimal digits of their bits, whole
numbers in decimal. Written with JAX 0.10.2 on a CPU with AVX-512, where only gamma, multivariateNormal and what is made
of them depend on the flag below: without it XLA starts reciprocal square roots from an approximation that each maker of
processors computes otherwise.
"""

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_enable_platform_dependent_math=false"

import jax
import jax.numpy as jnp
import numpy as np

SEEDS = [0, 1, 2, 3, 7, 42, 123, 255, 1000, 65535, 65536, 1234567, 2**30, 2**31 - 1]
LARGE_SEEDS = [-1, 2**31, 2**32 - 1, 2**32, 2**40 + 17, 2**63 - 1]
SHAPES = [(), (1,), (2,), (5,), (2, 3), (7, 3), (0,), (33,), (4, 1, 3), (65,)]
f32 = jnp.float32
f64 = jnp.float64
N = 24  # numbers of a draw


def array(*values):
    return jnp.array(values, f32)


def wide(*values):
    return jnp.array(values, f64)


def words(keys):
    return jax.random.key_data(keys).view(jnp.int32)


LOGITS = [[0.0, 1.0, -1.0, 2.0], [3.0, 0.5, 0.25, -2.0]]
WEIGHTS = (0.1, 0.4, 0.0, 0.2, 0.3)
RATES = (1, 20, 5, 50, 0, 9.5, 10, 1000)
COVARIANCE = [[2, 0.6, 0.1], [0.6, 0.5, -0.2], [0.1, -0.2, 1]]
random = jax.random

NARROW = {
    "uniform(-3, 5)": lambda k: random.uniform(k, (N,), f32, -3, 5),
    "uniform(0.1, 0.7)": lambda k: random.uniform(k, (N,), f32, 0.1, 0.7),
    "uniform(vectors)": lambda k: random.uniform(
        k, (N, 3), f32, array(-0.3, 0.1, 1e3), array(0.3, 1e4, 1001)
    ),
    "exponential": lambda k: random.exponential(k, (N,)),
    "gumbel": lambda k: random.gumbel(k, (N,)),
    "laplace": lambda k: random.laplace(k, (N,)),
    "cauchy": lambda k: random.cauchy(k, (N,)),
    "truncatedNormal(-1, 2)": lambda k: random.truncated_normal(k, -1.0, 2.0, (N,)),
    "truncatedNormal(vectors)": lambda k: random.truncated_normal(
        k, array(-jnp.inf, 0.3, 2), array(0.7, jnp.inf, 2.5), (N, 3)
    ),
    "gamma(0.3)": lambda k: random.gamma(k, 0.3, (N,)),
    "gamma(2.5)": lambda k: random.gamma(k, 2.5, (N,)),
    "gamma(0.1, 1, 10, 100)": lambda k: random.gamma(k, array(0.1, 1, 10, 100), (N, 4)),
    "logGamma(0.01)": lambda k: random.loggamma(k, 0.01, (N,)),
    "beta(0.5, 2)": lambda k: random.beta(k, 0.5, 2.0, (N,)),
    "dirichlet(0.5, 1, 4)": lambda k: random.dirichlet(k, array(0.5, 1, 4), (N,)),
    "dirichlet(9)": lambda k: random.dirichlet(k, jnp.arange(1, 10, dtype=f32), (N,)),
    "multivariateNormal": lambda k: random.multivariate_normal(
        k, array(1, -2, 0.5), jnp.array(COVARIANCE, f32), (N,)
    ),
    "poisson(0.5, 3, 9.5, 0)": lambda k: random.poisson(k, array(0.5, 3, 9.5, 0), (N, 4)),
    "poisson(10, 20, 50)": lambda k: random.poisson(k, array(10, 20, 50), (N, 3)),
    "poisson(mixed)": lambda k: random.poisson(k, array(*RATES), (N, 8)),
    "poisson(3)": lambda k: random.poisson(k, 3.0, (N,)),
    "poisson(30000)": lambda k: random.poisson(k, 30000.0, (N,)),
    "bernoulli(0.3)": lambda k: random.bernoulli(k, 0.3, (N,)),
    "bernoulli(vectors)": lambda k: random.bernoulli(k, array(0.1, 0.5, 0.99), (N, 3)),
    "randint(0, 10)": lambda k: random.randint(k, (N,), 0, 10),
    "randint(-1000000, 2000000000)": lambda k: random.randint(k, (N,), -1000000, 2000000000),
    "randint(all)": lambda k: random.randint(k, (N,), -(2**31), 2**31 - 1),
    "randint(vectors)": lambda k: random.randint(
        k, (N, 3), jnp.array([-5, 0, 7]), jnp.array([5, 2**31 - 1, 3])
    ),
    "randint(5, 5)": lambda k: random.randint(k, (3,), 5, 5),
    "permutation(1)": lambda k: random.permutation(k, 1),
    "permutation(100)": lambda k: random.permutation(k, 100),
    "permutation(2000)": lambda k: random.permutation(k, 2000),
    "permutation(columns)": lambda k: random.permutation(k, jnp.arange(12).reshape(3, 4), axis=0),
    "permutation(rows)": lambda k: random.permutation(k, jnp.arange(12).reshape(3, 4), axis=1),
    "shuffle(columns)": lambda k: random.permutation(
        k, jnp.arange(12).reshape(3, 4), axis=0, independent=True
    ),
    "shuffle(rows)": lambda k: random.permutation(
        k, jnp.arange(12).reshape(3, 4), axis=1, independent=True
    ),
    "choice(10)": lambda k: random.choice(k, 10, (20,)),
    "choice(weights)": lambda k: random.choice(k, 5, (N,), p=array(*WEIGHTS)),
    "choiceWithoutReplacement(10)": lambda k: random.choice(k, 10, (2, 3), replace=False),
    "choiceWithoutReplacement(weights)": lambda k: random.choice(
        k, 5, (3,), replace=False, p=array(*WEIGHTS)
    ),
    "categorical(logits)": lambda k: random.categorical(k, jnp.array(LOGITS, f32)),
    "categorical(logits, draws)": lambda k: random.categorical(
        k, jnp.array(LOGITS, f32), shape=(N, 2)
    ),
    "split(5)": lambda k: words(random.split(k, 5)),
    "split(1)": lambda k: words(random.split(k, 1)),
    "foldIn(7)": lambda k: words(random.fold_in(k, 7)),
    "foldIn(4000000000)": lambda k: words(random.fold_in(k, np.uint32(4000000000))),
    "vmap(normal)": lambda k: jax.vmap(lambda k: random.normal(k, (5,)))(random.split(k, 7)),
    "vmap(gamma)": lambda k: jax.vmap(lambda k: random.gamma(k, 0.7, (5,)))(random.split(k, 7)),
    "vmap(poisson)": lambda k: jax.vmap(lambda k: random.poisson(k, array(*RATES)))(
        random.split(k, 7)
    ),
}

WIDE = {
    "uniform f64(0.1, 0.7)": lambda k: random.uniform(k, (N,), f64, 0.1, 0.7),
    "exponential f64": lambda k: random.exponential(k, (N,), f64),
    "gumbel f64": lambda k: random.gumbel(k, (N,), f64),
    "laplace f64": lambda k: random.laplace(k, (N,), f64),
    "cauchy f64": lambda k: random.cauchy(k, (N,), f64),
    "truncatedNormal f64(-1, 2)": lambda k: random.truncated_normal(k, -1.0, 2.0, (N,), f64),
    "gamma f64(0.3)": lambda k: random.gamma(k, 0.3, (N,), f64),
    "gamma f64(2.5)": lambda k: random.gamma(k, 2.5, (N,), f64),
    "logGamma f64(0.01)": lambda k: random.loggamma(k, 0.01, (N,), f64),
    "beta f64(0.5, 2)": lambda k: random.beta(k, 0.5, 2.0, (N,), f64),
    "dirichlet f64(0.5, 1, 4)": lambda k: random.dirichlet(k, wide(0.5, 1, 4), (N,), f64),
    "multivariateNormal f64": lambda k: random.multivariate_normal(
        k, wide(1, -2, 0.5), jnp.array(COVARIANCE, f64), (N,), f64
    ),
    "bernoulli f64(0.3)": lambda k: random.bernoulli(k, wide(0.3), (N,)),
    "choice f64(weights)": lambda k: random.choice(k, 5, (N,), p=wide(*WEIGHTS)),
    "categorical f64(logits, draws)": lambda k: random.categorical(
        k, jnp.array(LOGITS, f64), shape=(N, 2)
    ),
    "randint i64(-5, 10^17)": lambda k: random.randint(k, (N,), -5, 10**17, jnp.int64),
    "randint i64(all)": lambda k: random.randint(k, (N,), -(2**63), 2**63 - 1, jnp.int64),
}


def write(draw, mode, seed, values):
    values = np.asarray(values)
    if values.dtype in (np.float32, np.float64):
        text = ["%x" % bits for bits in values.view("u%d" % values.itemsize).ravel()]
    else:
        text = ["%d" % value for value in values.ravel()]
    shape = ",".join(str(extent) for extent in values.shape)
    print("%s|%s|%d|%s|%s" % (draw, mode, seed, shape, " ".join(text)))


def write_all(mode):
    for index, seed in enumerate(SEEDS + LARGE_SEEDS):
        shape = SHAPES[index % len(SHAPES)]
        with jax.enable_x64(True):
            key = random.key(seed)
            write("bits i32", mode, seed, random.bits(key, shape, jnp.uint32).view(jnp.int32))
            write("bits i64", mode, seed, random.bits(key, shape, jnp.uint64).view(jnp.int64))
            write("uniform f32", mode, seed, random.uniform(key, shape, f32))
            write("uniform f64", mode, seed, random.uniform(key, shape, f64))
            write("normal f32", mode, seed, random.normal(key, shape, f32))
            write("normal f64", mode, seed, random.normal(key, shape, f64))
    for seed in [0, 42]:
        for draw, f in NARROW.items():
            write(draw, mode, seed, f(random.key(seed)))
        with jax.enable_x64(True):
            for draw, f in WIDE.items():
                write(draw, mode, seed, f(random.key(seed)))


for mode in ["PARTITIONABLE", "ORIGINAL"]:
    with jax.threefry_partitionable(mode == "PARTITIONABLE"):
        write_all(mode)
