"""Writes bf16 numbers of JAX for BFloat16ValuesTest: python bf16_values.py > ../resources/dev/lockstep/tensor/bf16.txt

A line is an op, its operands and its result, each as a dtype and its bits in hexadecimal. Written with JAX 0.10.2 on a
CPU.
"""

import jax
import jax.numpy as jnp
import numpy as np

bf16 = jnp.bfloat16
WIDTHS = {"float32": np.uint32, "int32": np.uint32, "bfloat16": np.uint16}
NAMES = {"float32": "f32", "int32": "i32", "bfloat16": "bf16"}


def text(x):
    x = np.asarray(x).reshape(-1)
    name = str(x.dtype)
    return NAMES[name] + " " + " ".join(f"{bits:x}" for bits in x.view(WIDTHS[name]))


def line(op, result, *operands):
    print("|".join([op, text(result), *map(text, operands)]))


def f32(*bits):
    return np.array(bits, np.uint32).view(np.float32)


random = np.random.default_rng(0)
uppers = [0, 1, 2, 0x7F, 0x80, 0x3F80, 0x3F81, 0x4049, 0x7F7E, 0x7F7F, *random.integers(0, 0x7F80, 20)]
lowers = [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF]
halves = [int(upper) << 16 | lower | sign for upper in uppers for lower in lowers for sign in (0, 1 << 31)]
special = [0x7F800000, 0xFF800000, 0x7FC00000]
singles = f32(*halves, *special)
integers = np.array([0, 1, -1, 255, 256, 257, 258, 259, 1000, 65535, 65537, -(2**31), 2**31 - 1], np.int32)
values = jnp.array(random.normal(size=200) * 10.0 ** random.integers(-3, 4, 200), bf16)
others = jnp.array(random.normal(size=200), bf16)

line("cast", jnp.array(singles).astype(bf16), singles)
line("cast", values.astype(jnp.float32), values)
line("cast", values.astype(jnp.int32), values)
line("cast", jnp.array(integers[:9]).astype(bf16), integers[:9])
for name in ["add", "sub", "mul", "div", "max", "min"]:
    line(name, getattr(jax.lax, name)(values, others), values, others)
for name in ["neg", "abs", "floor", "exp", "tanh"]:
    line(name, getattr(jax.lax, name)(others), others)
line("sqrt", jax.lax.sqrt(jnp.abs(values)), jnp.abs(values))
line("sum", values.sum(), values)
line("cumMax", jax.lax.cummax(values), values)
line("sort", jnp.sort(values), values)
line("matmul", others[:150].reshape(10, 15) @ values[:60].reshape(15, 4), others[:150], values[:60])
