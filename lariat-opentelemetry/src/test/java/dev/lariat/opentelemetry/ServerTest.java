package dev.lariat.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerTest {
  @ParameterizedTest
  @CsvSource({
    "http://example.com, example.com, 80",
    "https://example.com, example.com, 443",
    "https://example.com:8443, example.com, 8443",
    "http://my_host:81, my_host, 81",
    "http://127.0.0.1:82, 127.0.0.1, 82",
    "https://[::1], ::1, 443",
    "http://[::1]:83, ::1, 83"
  })
  void anOriginNamesItsServerAndPort(String origin, String address, long port) {
    assertThat(Server.of(origin)).isEqualTo(new Server(address, port));
  }
}
