package dev.lockstep.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.LockstepException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
  private static final String PROPERTY = "lockstep.memory.test";

  @AfterEach
  void clear() {
    System.clearProperty(PROPERTY);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1000, 1000",
    "2k, 2048",
    "512m, 536870912",
    "4G, 4294967296",
    "1t, 1099511627776"
  })
  void readsSizes(String text, long bytes) {
    System.setProperty(PROPERTY, text);
    assertThat(ByteSize.property(PROPERTY, 7)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "g", "-1", "4gb", "1.5g", "9999999999t"})
  void refusesOtherText(String text) {
    System.setProperty(PROPERTY, text);
    assertThatThrownBy(() -> ByteSize.property(PROPERTY, 7))
        .isInstanceOf(LockstepException.class)
        .hasMessage(
            PROPERTY
                + ": expected a number of bytes such as 1073741824, 512m or 4g, got \""
                + text
                + "\"");
  }

  @Test
  void absentPropertyGivesTheDefault() {
    assertThat(ByteSize.property(PROPERTY, 7)).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource({"0, 0 B", "1023, 1023 B", "1536, 1.5 KiB", "1073741824, 1.0 GiB"})
  void printsSizes(long bytes, String text) {
    assertThat(ByteSize.print(bytes)).isEqualTo(text);
  }
}
