package dev.lariat.internal.uri;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaskTest {

  @ParameterizedTest
  @CsvSource({
    "http://user:secret@host/a?b, http://***@host/a?b",
    "//secret@host, //***@host",
    "http://host/a@b, http://host/a@b",
    "see http://a:secret@b and http://c:secret@d, see http://***@b and http://***@d",
    "me@host, me@host"
  })
  void theUserInformationOfEveryUriIsHidden(String text, String shown) {
    assertThat(Mask.userInformation(text)).isEqualTo(shown);
  }

  @ParameterizedTest
  @CsvSource({
    "ftp://user:secret@host/a, ftp://***@host/a",
    "http://user:sec/ret@host, http://***@host",
    "http://user:sec@ret@host, http://***@host",
    "user:secret@host, ***@host",
    "user:secret://x@host, ***@host",
    "ftp://host/a, ftp://host/a"
  })
  void ofARefusedUriEverythingThatMayBeUserInformationIsHidden(String uri, String shown) {
    assertThat(Mask.refused(uri)).isEqualTo(shown);
  }

  @ParameterizedTest
  @CsvSource({
    "/feed?token=secret&a=1, /feed?token=***&a=***",
    "/feed?secret, /feed?***",
    "/feed?a=b=secret&&c=, /feed?a=***&&c=***",
    "/feed, /feed",
    "/feed?a=1#secret, /feed?a=***#***",
    "/feed#secret?a=1, /feed#***"
  })
  void theValuesOfAQueryAreHiddenAndNotTheNames(String target, String shown) {
    assertThat(Mask.query(target)).isEqualTo(shown);
  }

  @Test
  void aRefusedUriMovesNoLine() {
    assertThat(Mask.refused("http://a\nb")).isEqualTo("http://a?b");
  }
}
