package dev.lockstep.autodiff;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class BoundedCacheTest {
  @Test
  void keepsAndCountsMisses() {
    BoundedCache<String, Integer> cache = new BoundedCache<>(4);
    assertThat(cache.get("a")).isNull();
    assertThat(cache.keep("a", 1)).isEqualTo(1);
    assertThat(cache.keep("a", 2)).isEqualTo(1);
    assertThat(cache.get("a")).isEqualTo(1);
    assertThat(cache.misses()).isEqualTo(1);
  }

  @Test
  void theOldestUnusedEntryGoesFirst() {
    BoundedCache<Integer, Integer> cache = new BoundedCache<>(4);
    for (int i = 0; i < 4; i++) {
      cache.keep(i, i);
    }
    cache.get(0);
    cache.keep(4, 4);
    assertThat(cache.size()).isEqualTo(4);
    assertThat(cache.get(0)).isZero();
    assertThat(cache.get(1)).isNull();
  }

  @Test
  void manyThreadsStayWithinTheLimit() throws Exception {
    BoundedCache<Integer, Integer> cache = new BoundedCache<>(16);
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> done = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        done.add(
            threads.submit(() -> {
              for (int i = 0; i < 10_000; i++) {
                int key = i % 100;
                Integer known = cache.get(key);
                assertThat(known == null ? cache.keep(key, key) : known).isEqualTo(key);
              }
            }));
      }
      for (Future<?> future : done) {
        future.get();
      }
    }
    assertThat(cache.size()).isLessThanOrEqualTo(16);
  }
}
