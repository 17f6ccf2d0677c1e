package dev.lockstep;

import static dev.lockstep.Lockstep.NONE;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.vmap;
import static dev.lockstep.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.runtime.Backends;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;

class ThreadsTest extends EveryBackend {
  @Test
  void platformThreads() throws Exception {
    sameResults(Thread.ofPlatform().factory());
  }

  @Test
  void virtualThreads() throws Exception {
    sameResults(Thread.ofVirtual().factory());
  }

  private void sameResults(ThreadFactory factory) throws Exception {
    Fn2<Tensor, Tensor, Tensor> loss = (w, x) -> w.matmul(x).tanh().square().sum();
    Fn2<Tensor, Tensor, Tensor> compiled = jit(vmap(grad(loss), in(NONE, 0)));
    Fn2<Tensor, Tensor, Tensor> traced = vmap(jacrev(loss), in(NONE, 0));
    Tensor w = random(0, 3, 4);
    Tensor x = random(1, 5, 4);
    double[] expected = compiled.apply(w, x).toDoubleArray();
    try (ExecutorService threads = Executors.newFixedThreadPool(8, factory)) {
      List<Future<?>> done = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        done.add(
            threads.submit(() ->
                Backends.with(
                    backend.backend(),
                    () -> {
                      for (int i = 0; i < 50; i++) {
                        assertThat(compiled.apply(w, x).toDoubleArray()).isEqualTo(expected);
                        assertThat(traced.apply(w, x).toDoubleArray()).isEqualTo(expected);
                      }
                      return null;
                    })));
      }
      for (Future<?> future : done) {
        future.get();
      }
    }
  }
}
