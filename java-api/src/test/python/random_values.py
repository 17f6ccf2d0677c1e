"""Writes random numbers of JAX for KeyValuesTest: python random_values.py > ../resources/dev/lockstep/tensor/random.txt

A line is a draw, the mode, the seed, the shape and the values: floats as the hexadecimal digits of their bits, whole
numbers in decimal. Written with JAX 0.10.2 on a CPU.
"""

import jax
import jax.numpy as jnp
import numpy as np

SEEDS = [0, 1, 2, 3, 7, 42, 123, 255, 1000, 65535, 65536, 1234567, 2**30, 2**31 - 1]
LARGE_SEEDS = [-1, 2**31, 2**32 - 1, 2**32, 2**40 + 17, 2**63 - 1]
SHAPES = [(), (1,), (2,), (5,), (2, 3), (7, 3), (0,), (33,), (4, 1, 3), (65,)]
f32 = jnp.float32
f64 = jnp.float64


def array(*values):
    return jnp.array(values, f32)


LOGITS = [[0.0, 1.0, -1.0, 2.0], [3.0, 0.5, 0.25, -2.0]]
WEIGHTS = (0.1, 0.4, 0.0, 0.2, 0.3)

NARROW = {
    "uniform(-3, 5)": lambda k: jax.random.uniform(k, (50,), f32, -3, 5),
    "uniform(0.1, 0.7)": lambda k: jax.random.uniform(k, (50,), f32, 0.1, 0.7),
    "exponential": lambda k: jax.random.exponential(k, (50,)),
    "gumbel": lambda k: jax.random.gumbel(k, (50,)),
    "laplace": lambda k: jax.random.laplace(k, (50,)),
    "cauchy": lambda k: jax.random.cauchy(k, (50,)),
    "truncatedNormal(-1, 2)": lambda k: jax.random.truncated_normal(k, -1.0, 2.0, (50,)),
    "gamma(0.3)": lambda k: jax.random.gamma(k, 0.3, (50,)),
    "gamma(2.5)": lambda k: jax.random.gamma(k, 2.5, (50,)),
    "gamma(1, 10, 100)": lambda k: jax.random.gamma(k, array(1, 10, 100)),
    "logGamma(0.01)": lambda k: jax.random.loggamma(k, 0.01, (50,)),
    "beta(0.5, 2)": lambda k: jax.random.beta(k, 0.5, 2.0, (50,)),
    "dirichlet(0.5, 1, 4)": lambda k: jax.random.dirichlet(k, array(0.5, 1, 4), (20,)),
    "multivariateNormal": lambda k: jax.random.multivariate_normal(
        k, array(1, -2), jnp.array([[2, 0.6], [0.6, 0.5]], f32), (20,)
    ),
    "poisson(0.5, 3, 9.5, 0)": lambda k: jax.random.poisson(k, array(0.5, 3, 9.5, 0), (10, 4)),
    "poisson(10, 20, 50)": lambda k: jax.random.poisson(k, array(10, 20, 50), (5, 3)),
    "poisson(3)": lambda k: jax.random.poisson(k, 3.0, (50,)),
    "bernoulli(0.3)": lambda k: jax.random.bernoulli(k, 0.3, (50,)),
    "randint(0, 10)": lambda k: jax.random.randint(k, (50,), 0, 10),
    "randint(-1000000, 2000000000)": lambda k: jax.random.randint(k, (50,), -1000000, 2000000000),
    "randint(5, 5)": lambda k: jax.random.randint(k, (3,), 5, 5),
    "permutation(1)": lambda k: jax.random.permutation(k, 1),
    "permutation(100)": lambda k: jax.random.permutation(k, 100),
    "permutation(2000)": lambda k: jax.random.permutation(k, 2000),
    "permutation(rows)": lambda k: jax.random.permutation(k, jnp.arange(12).reshape(3, 4), axis=1),
    "shuffle(rows)": lambda k: jax.random.permutation(
        k, jnp.arange(12).reshape(3, 4), axis=1, independent=True
    ),
    "choice(10)": lambda k: jax.random.choice(k, 10, (20,)),
    "choice(weights)": lambda k: jax.random.choice(k, 5, (20,), p=array(*WEIGHTS)),
    "choiceWithoutReplacement(10)": lambda k: jax.random.choice(k, 10, (2, 3), replace=False),
    "choiceWithoutReplacement(weights)": lambda k: jax.random.choice(
        k, 5, (3,), replace=False, p=array(*WEIGHTS)
    ),
    "categorical(logits)": lambda k: jax.random.categorical(k, jnp.array(LOGITS, f32)),
    "categorical(logits, 10 draws)": lambda k: jax.random.categorical(
        k, jnp.array(LOGITS, f32), shape=(10, 2)
    ),
    "split(5)": lambda k: jax.random.key_data(jax.random.split(k, 5)).view(jnp.int32),
    "foldIn(7)": lambda k: jax.random.key_data(jax.random.fold_in(k, 7)).view(jnp.int32),
    "foldIn(4000000000)": lambda k: jax.random.key_data(
        jax.random.fold_in(k, np.uint32(4000000000))
    ).view(jnp.int32),
}

WIDE = {
    "uniform f64(0.1, 0.7)": lambda k: jax.random.uniform(k, (50,), f64, 0.1, 0.7),
    "exponential f64": lambda k: jax.random.exponential(k, (50,), f64),
    "gumbel f64": lambda k: jax.random.gumbel(k, (50,), f64),
    "laplace f64": lambda k: jax.random.laplace(k, (50,), f64),
    "cauchy f64": lambda k: jax.random.cauchy(k, (50,), f64),
    "truncatedNormal f64(-1, 2)": lambda k: jax.random.truncated_normal(k, -1.0, 2.0, (50,), f64),
    "gamma f64(0.3)": lambda k: jax.random.gamma(k, 0.3, (50,), f64),
    "gamma f64(2.5)": lambda k: jax.random.gamma(k, 2.5, (50,), f64),
    "randint i64(-5, 10^17)": lambda k: jax.random.randint(k, (50,), -5, 10**17, jnp.int64),
    "randint i64(all)": lambda k: jax.random.randint(
        k, (50,), -(2**63), 2**63 - 1, jnp.int64
    ),
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
            key = jax.random.key(seed)
            write("bits i32", mode, seed, jax.random.bits(key, shape, jnp.uint32).view(jnp.int32))
            write("bits i64", mode, seed, jax.random.bits(key, shape, jnp.uint64).view(jnp.int64))
            write("uniform f32", mode, seed, jax.random.uniform(key, shape, f32))
            write("uniform f64", mode, seed, jax.random.uniform(key, shape, f64))
            write("normal f32", mode, seed, jax.random.normal(key, shape, f32))
            write("normal f64", mode, seed, jax.random.normal(key, shape, f64))
    for seed in [0, 42]:
        for draw, f in NARROW.items():
            write(draw, mode, seed, f(jax.random.key(seed)))
        with jax.enable_x64(True):
            for draw, f in WIDE.items():
                write(draw, mode, seed, f(jax.random.key(seed)))


for mode in ["PARTITIONABLE", "ORIGINAL"]:
    with jax.threefry_partitionable(mode == "PARTITIONABLE"):
        write_all(mode)
