package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.ClosedTensorException;
import dev.lockstep.error.LockstepException;
import dev.lockstep.error.TreeException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ScopeTest {
  @Test
  void closesWhatWasCreatedWithin() {
    Tensor before = Tensor.of(1f);
    Tensor within;
    try (Scope _ = Scope.open()) {
      within = Tensor.of(2f);
      assertOpen(within);
    }
    Tensor after = Tensor.of(3f);
    assertClosed(within);
    assertOpen(before);
    assertOpen(after);
  }

  @Test
  void keepsTheLeavesOfATree() {
    Tensor a;
    Tensor b;
    Tensor dropped;
    try (Scope scope = Scope.open()) {
      a = Tensor.of(1f);
      b = Tensor.of(2f);
      dropped = Tensor.of(3f);
      Map<String, List<Tensor>> tree = Map.of("a", List.of(a), "b", List.of(b));
      assertThat(scope.keep(tree)).isSameAs(tree);
    }
    assertOpen(a);
    assertOpen(b);
    assertClosed(dropped);
  }

  @Test
  void innerScopeKeepsForTheOuter() {
    Tensor kept;
    try (Scope _ = Scope.open()) {
      Tensor inner;
      try (Scope scope = Scope.open()) {
        kept = scope.keep(Tensor.of(1f));
        inner = Tensor.of(2f);
      }
      assertOpen(kept);
      assertClosed(inner);
    }
    assertClosed(kept);
  }

  @Test
  void runKeepsTheResult() {
    Tensor[] within = new Tensor[1];
    Tensor result =
        Scope.run(() -> {
          within[0] = Tensor.of(1f);
          return Tensor.of(2f);
        });
    assertClosed(within[0]);
    assertOpen(result);
  }

  @Test
  void runClosesWhenTheBodyThrows() {
    Tensor[] within = new Tensor[1];
    assertThatThrownBy(() ->
            Scope.run(() -> {
              within[0] = Tensor.of(1f);
              throw new IllegalStateException("body");
            }))
        .hasMessage("body");
    assertClosed(within[0]);
    assertOpen(Tensor.of(3f));
  }

  @Test
  void outsideEscapesTheScope() {
    Tensor cached;
    try (Scope _ = Scope.open()) {
      cached = Scope.outside(() -> Tensor.of(1f));
    }
    assertOpen(cached);
  }

  @Test
  void scalarsOutliveTheirScope() {
    Tensor scalar;
    try (Scope _ = Scope.open()) {
      scalar = Tensor.scalar(2.5);
    }
    assertThat(scalar.item()).isEqualTo(2.5);
  }

  @Test
  void otherThreadsAreNotConcerned() {
    Tensor other;
    try (Scope _ = Scope.open()) {
      other = CompletableFuture.supplyAsync(() -> Tensor.of(1f)).join();
    }
    assertOpen(other);
  }

  @Test
  void manyDroppedTensorsDoNotPileUp() {
    try (Scope scope = Scope.open()) {
      Tensor first = Tensor.of(0);
      for (int i = 0; i < 10_000; i++) {
        Tensor.of(i).close();
      }
      assertOpen(first);
      scope.keep(first);
    }
  }

  @Test
  void closingTwiceDoesNothing() {
    Scope scope = Scope.open();
    scope.close();
    scope.close();
    assertThatThrownBy(() -> scope.keep(Tensor.of(1f)))
        .isInstanceOf(LockstepException.class)
        .hasMessage("Scope.keep: the scope is closed.");
  }

  @Test
  void mustCloseInReverseOrder() {
    try (Scope outer = Scope.open()) {
      try (Scope _ = Scope.open()) {
        assertThatThrownBy(outer::close)
            .isInstanceOf(LockstepException.class)
            .hasMessageStartingWith("Scope.close: an inner scope is still open.");
      }
    }
  }

  @Test
  void mustCloseInItsThread() {
    try (Scope scope = Scope.open()) {
      CompletableFuture<Void> other = CompletableFuture.runAsync(scope::close);
      assertThatThrownBy(other::join)
          .cause()
          .isInstanceOf(LockstepException.class)
          .hasMessageStartingWith("Scope.close: the scope belongs to the thread ");
    }
  }

  @Test
  void keepsTreesOnly() {
    assertThatThrownBy(() -> Scope.run(Object::new))
        .isInstanceOf(TreeException.class)
        .hasMessageStartingWith("Scope.keep: a java.lang.Object is no tree.");
  }

  private static void assertOpen(Tensor tensor) {
    assertThat(tensor.toNested()).isNotNull();
  }

  private static void assertClosed(Tensor tensor) {
    assertThatThrownBy(tensor::toNested).isInstanceOf(ClosedTensorException.class);
  }
}
