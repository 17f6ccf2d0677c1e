package dev.lockstep.bench.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AnswerTest {
  @Test
  void readsNumbersAndText() {
    Answer answer =
        Answer.parse("{\"us\": 12.5e-1, \"peak_bytes\": null, \"error\": \"a \\\"b\\\"\"}");

    assertThat(answer.number("us")).isEqualTo(1.25);
    assertThat(answer.has("peak_bytes")).isFalse();
    assertThat(answer.text("error")).isEqualTo("a \"b\"");
    assertThatThrownBy(() -> answer.text("version"))
        .hasMessageStartingWith("peer: expected the field version, got {");
  }
}
