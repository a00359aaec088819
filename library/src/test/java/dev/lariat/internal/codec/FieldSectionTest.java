package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.message.Headers;
import io.netty.util.AsciiString;
import java.util.List;
import org.junit.jupiter.api.Test;

class FieldSectionTest {
  private static final List<String> STATUS = List.of(":status");
  private static final AsciiString SERVER = AsciiString.of("server");
  private static final AsciiString AGE = AsciiString.of("age");
  private static final AsciiString SMALL = AsciiString.of("small");
  private static final AsciiString ONE = AsciiString.of("1");

  private final FieldSection section = new FieldSection();

  @Test
  void aHeadThatRepeatsItsFieldsIsReadOnce() throws Exception {
    Headers first = head("200", SERVER, SMALL, AGE, ONE);

    assertThat(head("204", SERVER, SMALL, AGE, ONE)).isSameAs(first);
    assertThat(section.pseudo(":status")).isEqualTo("204");
  }

  @Test
  void fieldsThatAreEqualAreReadOnceThoughNotOfTheTable() throws Exception {
    Headers first = head("200", SERVER, SMALL, AGE, ONE);

    assertThat(head("200", SERVER, AsciiString.of("small"), AsciiString.of("age"), ONE))
        .isSameAs(first);
  }

  @Test
  void aHeadOfOtherFieldsIsReadAnew() throws Exception {
    head("200", SERVER, SMALL, AGE, ONE);

    assertThat(head("200", SERVER, SMALL, AGE, "2"))
        .isEqualTo(Headers.of("server", "small", "age", "2"));
    assertThat(head("200", SERVER, SMALL)).isEqualTo(Headers.of("server", "small"));
    assertThat(head("200", AGE, ONE, SERVER, SMALL))
        .isEqualTo(Headers.of("age", "1", "server", "small"));
    assertThat(head("200")).isEqualTo(Headers.EMPTY);
  }

  @Test
  void aMalformedHeadIsRefusedEachTime() throws Exception {
    head("200", SERVER, SMALL);

    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> head("200", AsciiString.of("Server"), SMALL))
          .isInstanceOf(Violation.class);
    }
    assertThat(head("200", SERVER, SMALL)).isEqualTo(Headers.of("server", "small"));
  }

  @Test
  void aLargeHeadIsNotKept() throws Exception {
    AsciiString large = AsciiString.of("x".repeat(5000));
    Headers first = head("200", SERVER, large);

    assertThat(head("200", SERVER, large)).isEqualTo(first).isNotSameAs(first);
    assertThat(head("200")).isEqualTo(Headers.EMPTY);
  }

  private Headers head(String status, CharSequence... fields) throws Violation {
    section.clear().add(":status", status);
    for (int i = 0; i < fields.length; i += 2) {
      section.add(fields[i], fields[i + 1]);
    }
    return section.head(STATUS);
  }
}
