"""Inputs and sizes that the Python peers share; they are those of dev.lockstep.bench."""

import numpy

ATTENTION = [(32, 64, 64), (64, 256, 64), (16, 512, 64)]
JACOBIAN_INPUTS = [8, 64, 512]
JACOBIAN_EXAMPLES, JACOBIAN_OUTPUTS = 10, 5
MLP_BATCH = 128
RNN_STEPS, RNN_BATCH, RNN_WIDTH = 128, 32, 64
OPTIONS = 1_000_000


def uniform(*shape, scale=1.0):
    """Deterministic values in [-scale, scale), f32."""
    values = numpy.random.default_rng(0).uniform(-scale, scale, shape)
    return values.astype(numpy.float32)


def between(low, high):
    """Deterministic values in [low, high) for all options, f64."""
    return numpy.random.default_rng(int(100 * (low + high))).uniform(low, high, OPTIONS)


def options():
    """Spot, strike, years, rate, volatility."""
    return (
        between(80, 120),
        between(80, 120),
        between(0.1, 2),
        between(0, 0.05),
        between(0.1, 0.5),
    )


def dots(dtype):
    """Two arrays of (100, 150)."""
    rows = numpy.arange(150)
    return (
        numpy.tile(rows, (100, 1)).astype(dtype),
        numpy.tile(100 + rows, (100, 1)).astype(dtype),
    )


def labelled_logits():
    """Logits of 1000 classes for 4096 examples, and their labels."""
    labels = (numpy.arange(4096) * 7 % 1000).astype(numpy.int32)
    return uniform(4096, 1000), labels


def normalised():
    """Rows, and the scale and bias of their elements."""
    return uniform(4096, 768), 1 + uniform(768, scale=0.5), uniform(768, scale=0.1)


def sequences(shape):
    values = uniform(*shape)
    return values * 1.5, 0.25 - 0.5 * values, values


def convolution():
    """Images, channels first, and a kernel of 64 to 64 channels."""
    return uniform(8, 64, 56, 56), uniform(64, 64, 3, 3, scale=0.1)


def perceptron():
    """Weights and biases of 784-512-256-10, a batch of images, and targets."""
    sizes = [784, 512, 256, 10]
    parameters = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        parameters.append(uniform(fan_in, fan_out, scale=0.05))
        parameters.append(uniform(fan_out, scale=0.05))
    return parameters, uniform(MLP_BATCH, 784), uniform(MLP_BATCH, 10)
