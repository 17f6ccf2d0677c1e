package dev.lockstep.demo;

import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;

import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Key;
import dev.lockstep.tensor.Scope;
import dev.lockstep.tensor.Tensor;

/** Attention written for one sequence, mapped over a batch of 32: time and memory. */
final class Attention {
  private static final int BATCH = 32;
  private static final int LENGTH = 64;
  private static final int WIDTH = 64;

  private Attention() {}

  /** softmax(q k^T / sqrt(d)) v: q, k and v have shape (length, d). */
  static Tensor attention(Tensor q, Tensor k, Tensor v) {
    Tensor scores = q.matmul(k.transpose()).div(Math.sqrt(q.shape().extent(1)));
    return softmax(scores).matmul(v);
  }

  /** Over the last axis; the largest score is subtracted so that exp cannot overflow. */
  private static Tensor softmax(Tensor x) {
    Tensor exp = x.sub(x.maxKeepDims(-1)).exp();
    return exp.div(exp.sumKeepDims(-1));
  }

  static void run() {
    Demo.title("vmap: attention over a batch of 32, 64 x 64 each");
    Key keys = Key.of(2).split(3);
    Tensor q = keys.get(0).normal(BATCH, LENGTH, WIDTH);
    Tensor k = keys.get(1).normal(BATCH, LENGTH, WIDTH);
    Tensor v = keys.get(2).normal(BATCH, LENGTH, WIDTH);
    Fn3<Tensor, Tensor, Tensor, Tensor> mapped = vmap(Attention::attention);
    Fn3<Tensor, Tensor, Tensor, Tensor> compiled = jit(mapped);

    Comparison comparison = Comparison.ofTimesAndMemory();
    comparison.add("loop over 32 examples", () -> loop(q, k, v));
    comparison.add("vmap(attention)", () -> mapped.apply(q, k, v));
    comparison.add("jit(vmap(attention))", () -> compiled.apply(q, k, v));
    comparison.print();
  }

  private static Tensor loop(Tensor q, Tensor k, Tensor v) {
    return Scope.run(() -> {
      Tensor[] results = new Tensor[BATCH];
      for (int i = 0; i < BATCH; i++) {
        results[i] = attention(q.get(i), k.get(i), v.get(i));
      }
      return Tensor.stack(0, results);
    });
  }
}
