package dev.lockstep.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.error.LockstepException;
import dev.lockstep.error.NativeArgumentException;
import dev.lockstep.error.NativeException;
import dev.lockstep.error.OutOfNativeMemoryException;
import dev.lockstep.error.UnsupportedException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StatusTest {
  static Stream<Arguments> statuses() {
    return Stream.of(
        Arguments.of(lockstep_h.LS_INVALID_ARGUMENT(), NativeArgumentException.class),
        Arguments.of(lockstep_h.LS_OUT_OF_MEMORY(), OutOfNativeMemoryException.class),
        Arguments.of(lockstep_h.LS_UNSUPPORTED(), UnsupportedException.class),
        Arguments.of(lockstep_h.LS_INTERNAL(), NativeException.class),
        Arguments.of(99, NativeException.class));
  }

  @ParameterizedTest
  @MethodSource("statuses")
  void becomesItsException(int status, Class<? extends LockstepException> type) {
    assertThat(Status.exception(status, "add: the reason"))
        .isExactlyInstanceOf(type)
        .hasMessageStartingWith("add: the reason");
  }

  @Test
  void outOfMemoryTakesAParagraphFromUpperLayers() {
    var plain = new OutOfNativeMemoryException("allocate: 1 GB refused");
    assertThat(plain.with("largest: f32[1000]").getMessage().lines())
        .containsExactly("allocate: 1 GB refused", "largest: f32[1000]");
    assertThat(plain.with("").getStackTrace()).isEqualTo(plain.getStackTrace());
  }
}
