package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.CacheControl.Directive;
import dev.lariat.message.Headers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheControlTest {
  private static final Duration OTHERWISE = Duration.ofSeconds(-1);

  private static CacheControl of(String value) {
    return CacheControl.of(Headers.of("cache-control", value));
  }

  @Test
  void directivesHaveArgumentsOrNone() {
    assertThat(of("No-Store, max-age=5,, private=\"a, b\" , x=\"\\\"\"").directives())
        .containsExactly(
            new Directive("no-store", Optional.empty()),
            new Directive("max-age", Optional.of("5")),
            new Directive("private", Optional.of("a, b")),
            new Directive("x", Optional.of("\"")));
    assertThat(of("private=\"a, B\"").fields("private")).containsExactly("a", "b");
    assertThat(CacheControl.of(Headers.EMPTY).directives()).isEmpty();
  }

  @Test
  void aDirectiveThatNamesFieldsDoesNotConcernTheWhole() {
    assertThat(of("no-cache=\"set-cookie\"").hasWhole("no-cache")).isFalse();
    assertThat(of("no-cache=\"set-cookie\"").has("no-cache")).isTrue();
    assertThat(of("no-cache=\"set-cookie\", no-cache").hasWhole("no-cache")).isTrue();
    assertThat(of("no-cache=\"\"").hasWhole("no-cache")).isTrue();
  }

  @Test
  void whatIsMalformedStillHasItsName() {
    for (String value :
        List.of(
            "no-store; x",
            "no-store =1",
            "no-store=\"",
            "no-store=",
            "a=\"b, no-store",
            "@, no-store")) {
      assertThat(of(value).has("no-store")).as(value).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "max-age=5|5",
        "MAX-AGE=\"5\"|5",
        "max-age=005|5",
        "max-age=0|0",
        "max-age=2147483648|2147483648",
        "max-age=2147483649|2147483648",
        "max-age=99999999999999999999999|2147483648",
        "max-age=5, max-age=5|5",
        "max-age=5, max-age=6|-1",
        "max-age|-1",
        "max-age=|-1",
        "max-age=-5|-1",
        "max-age=+5|-1",
        "max-age=5.0|-1",
        "max-age=5s|-1",
        "max-age=5 s|-1",
        "max-age= 5|-1",
        "max-age =5|-1",
        "max-age=٣|-1"
      })
  void secondsAreDigitsAloneOnce(String value, long seconds) {
    if (Headers.isValue(value)) {
      assertThat(of(value).seconds("max-age", OTHERWISE)).contains(Duration.ofSeconds(seconds));
    } else {
      assertThat(CacheControl.seconds(value)).isEmpty();
    }
    assertThat(of("no-store").seconds("max-age", OTHERWISE)).isEmpty();
  }

  @Provide
  Arbitrary<List<Directive>> directives() {
    Arbitrary<String> names =
        Arbitraries.strings().withChars("abcxyz-019!#").ofMinLength(1).ofMaxLength(8);
    Arbitrary<String> arguments =
        Arbitraries.strings().withCharRange(' ', '~').withChars('\t', 'é').ofMaxLength(12);
    return Combinators.combine(names, arguments.optional()).as(Directive::new).list().ofMaxSize(6);
  }

  @Property
  void whatIsWrittenIsRead(@ForAll("directives") List<Directive> directives) {
    CacheControl control = new CacheControl(directives);
    assertThat(of(control.toString())).isEqualTo(control);
  }

  @Property
  void whateverIsReadIsReadAgain(@ForAll String value) {
    if (Headers.isValue(value)) {
      CacheControl control = of(value);
      assertThat(of(control.toString())).isEqualTo(control);
    }
  }
}
