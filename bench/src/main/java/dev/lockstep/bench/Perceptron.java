package dev.lockstep.bench;

import dev.lockstep.tensor.Tensor;

/** A network 784-512-256-10 with tanh, and its mean squared error. */
public record Perceptron(Tensor w1, Tensor b1, Tensor w2, Tensor b2, Tensor w3, Tensor b3) {
  static final int BATCH = 128;

  static Perceptron create() {
    return new Perceptron(
        Workload.uniform(0.05, 784, 512),
        Workload.uniform(0.05, 512),
        Workload.uniform(0.05, 512, 256),
        Workload.uniform(0.05, 256),
        Workload.uniform(0.05, 256, 10),
        Workload.uniform(0.05, 10));
  }

  static Tensor images() {
    return Workload.uniform(1, BATCH, 784);
  }

  static Tensor targets() {
    return Workload.uniform(1, BATCH, 10);
  }

  /** Returns the error of one example or of a batch. */
  static Tensor loss(Perceptron p, Tensor x, Tensor y) {
    Tensor h1 = x.matmul(p.w1).add(p.b1).tanh();
    Tensor h2 = h1.matmul(p.w2).add(p.b2).tanh();
    return h2.matmul(p.w3).add(p.b3).sub(y).square().mean();
  }
}
