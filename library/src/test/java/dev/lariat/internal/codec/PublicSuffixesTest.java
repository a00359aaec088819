package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublicSuffixesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "com",
        "com.",
        "co.uk",
        "co.uk.",
        "github.io", // a private registry's
        "anything.ck", // by *.ck
        "x.kobe.jp", // by *.kobe.jp
        "xn--55qx5d.cn", // 公司.cn
        "localhost",
        "unheard-of"
      })
  void aDomainUnderWhichAnybodyRegistersIsOne(String domain) {
    assertThat(PublicSuffixes.contains(domain)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "example.com",
        "example.com.",
        "example.co.uk",
        "me.github.io",
        "kobe.jp", // *.kobe.jp is one, this is not
        "www.ck", // an exception of *.ck
        "city.kobe.jp",
        "a.x.kobe.jp",
        "xn--85x722f.xn--55qx5d.cn",
        "name.unheard-of",
        "127.0.0.1",
        "::1"
      })
  void aDomainOfSomebodysOwnIsNone(String domain) {
    assertThat(PublicSuffixes.contains(domain)).isFalse();
  }
}
