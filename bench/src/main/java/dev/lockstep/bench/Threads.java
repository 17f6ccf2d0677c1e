package dev.lockstep.bench;

import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;

import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link Layer} called from several threads: the time from the start of the first to the end of the
 * last thread by the number of all calls. JMH's own threads would not do: virtual ones do not take
 * turns, so most of them measure their calls alone.
 */
public class Threads extends Workload {
  private static final int CALLS = 1 << 13;

  @Param({"1", "2", "8"})
  int threads;

  @Param({"platform", "virtual"})
  String kind;

  private final Tensor weights = uniform(1, 64, 100);
  private final Tensor batch = uniform(1, 16, 100);
  private final Fn2<Tensor, Tensor, Tensor> layer = jit(vmap(Tensor::matmul, in(NONE, 0)));

  @Benchmark
  @OperationsPerInvocation(CALLS)
  public void lockstep() throws InterruptedException {
    Thread.Builder builder = kind.equals("virtual") ? Thread.ofVirtual() : Thread.ofPlatform();
    Thread[] callers = new Thread[threads];
    for (int i = 0; i < threads; i++) {
      callers[i] = builder.start(this::calls);
    }
    for (Thread caller : callers) {
      caller.join();
    }
  }

  private void calls() {
    for (int i = 0; i < CALLS / threads; i++) {
      layer.apply(weights, batch).close();
    }
  }
}
