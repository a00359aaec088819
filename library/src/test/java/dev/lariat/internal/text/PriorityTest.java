package dev.lariat.internal.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The value of the priority header, in both directions (RFC 9218 section 4, RFC 8941). */
class PriorityTest {

  @Property
  void whatIsWrittenIsRead(
      @ForAll @IntRange(max = Priority.LEAST_URGENT) int urgency, @ForAll boolean incremental) {
    Priority priority = new Priority(urgency, incremental);
    assertThat(Priority.parse(priority.value())).isEqualTo(priority);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "u=5, i     | 5 | true",
        "i,u=0      | 0 | true",
        "u=2        | 2 | false",
        "i          | 3 | true",
        "i=?1       | 3 | true",
        "i, i=?0    | 3 | false",
        "u=1, u=6   | 6 | false",
        "u=4;x=1, i;y | 4 | true",
        "new=abc, u=4 | 4 | false",
        "u=8        | 3 | false",
        "u=-1       | 3 | false",
        "u=\"1\"    | 3 | false",
        "u = 1      | 3 | false",
        "I, U=1     | 3 | false",
      })
  void whatIsUnknownOrWrongCountsForNothing(String value, int urgency, boolean incremental) {
    assertThat(Priority.parse(value)).isEqualTo(new Priority(urgency, incremental));
  }

  @Test
  void anEmptyValueSaysNothing() {
    assertThat(Priority.parse("")).isEqualTo(Priority.DEFAULT);
  }

  @Test
  void anUrgencyIsOneOfEight() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Priority(8, false))
        .withMessage("priority.urgency: 8, allowed 0 to 7 (RFC 9218 section 4.1)");
  }
}
