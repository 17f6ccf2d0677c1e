package dev.lockstep.bench;

import static dev.lockstep.Lockstep.jit;

import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Key;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;

/** 16 Mi normal numbers from a key. */
public class Normals extends Workload {
  private final Key key = Key.of(0);
  private final Fn<Key, Tensor> normals = jit((Key k) -> k.normal(1 << 24));

  @Benchmark
  public void lockstep() {
    normals.apply(key).close();
  }
}
