package dev.lockstep.bench;

import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;

import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** softmax(q k^T / sqrt(d)) v of one sequence, mapped over a batch of (batch, length, d). */
public class Attention extends Workload {
  @Param({"32x64x64", "64x256x64", "16x512x64"})
  String shape;

  private Tensor q;
  private Tensor k;
  private Tensor v;
  private final Fn3<Tensor, Tensor, Tensor, Tensor> mapped = jit(vmap(Attention::attention));

  static Tensor attention(Tensor q, Tensor k, Tensor v) {
    Tensor scores = q.matmul(k.transpose()).div(Math.sqrt(q.shape().extent(1)));
    return scores.softmax(-1).matmul(v);
  }

  /** Returns the shape of 32x64x64. */
  static Shape shape(String text) {
    return Shape.of(Arrays.stream(text.split("x")).mapToLong(Long::parseLong).toArray());
  }

  @Setup
  public void inputs() {
    Tensor values = uniform(shape(shape));
    q = values.mul(1.5);
    k = values.mul(-0.5).add(0.25);
    v = values;
  }

  @Benchmark
  public void lockstep() {
    mapped.apply(q, k, v).close();
  }
}
