package dev.lockstep.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.UnsupportedPlatformException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {
  @ParameterizedTest
  @CsvSource({"Linux,amd64", "Linux,x86_64", "linux,AMD64"})
  void isNamedAsTheJarsNameIt(String system, String processor) {
    assertThat(Platform.of(system, processor).name()).isEqualTo("linux-x86_64");
  }

  @ParameterizedTest
  @CsvSource({
    "Mac OS X,aarch64,macosx-arm64",
    "Windows 11,amd64,windows-x86_64",
    "Linux,aarch64,linux-arm64",
    "Linux,riscv64,linux-riscv64"
  })
  void isRefusedWhenNothingIsBuiltForIt(String system, String processor, String name) {
    assertThatThrownBy(() -> Platform.of(system, processor))
        .isInstanceOf(UnsupportedPlatformException.class)
        .hasMessageContainingAll("linux-x86_64", "got " + name, "-Dlockstep.library.path");
  }

  @Test
  void ofThisMachineIsBuilt() {
    assertThat(Platform.current().name()).isEqualTo("linux-x86_64");
  }
}
