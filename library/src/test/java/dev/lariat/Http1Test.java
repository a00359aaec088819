package dev.lariat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.message.Bytes;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Http1;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Request;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the options of HTTP/1.1 refuse in the user's thread, against a server in memory. */
@Timeout(30)
class Http1Test {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final ConnectionOptions OLD =
      ConnectionOptions.DEFAULT.http1(Http1.DEFAULT.version(Http1.Version.HTTP_1_0));

  private static Reason badState(String operation) {
    return new Reason.BadState(
        operation, "http1.version is HTTP/1.0, which switches no protocols (RFC 9110 section 7.8)");
  }

  @Test
  void http10TakesNoBodyOfUnknownLength() {
    try (Origin origin = new Origin(OLD)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> origin.connection.headers(Request.of("PUT", "/")))
          .withMessage(
              "http1.version: HTTP_1_0, allowed HTTP_1_1 where a body follows without a"
                  + " content-length (RFC 9112 section 6.1)");
    }
  }

  @Test
  void http10TakesABodyOfKnownLength() throws Exception {
    try (Origin origin = new Origin(OLD)) {
      origin.connection.awaitUp(PATIENCE);
      Exchange put =
          origin.connection.headers(Request.of("PUT", "/").header("content-length", "1"));
      put.data(Bytes.utf8("a"), true);
      origin.settle();
      assertThat(origin.text())
          .isEqualTo("PUT / HTTP/1.0\r\nhost: origin\r\ncontent-length: 1\r\n\r\na");
    }
  }

  @Test
  void http10SwitchesNoProtocols() {
    try (Origin origin = new Origin(OLD)) {
      assertThatThrownBy(() -> origin.connection.webSocket("/"))
          .isInstanceOfSatisfying(
              FailedException.class,
              thrown -> assertThat(thrown.reason()).isEqualTo(badState("webSocket")));
      assertThatThrownBy(() -> origin.connection.upgrade(Request.of("GET", "/"), "foo"))
          .isInstanceOfSatisfying(
              FailedException.class,
              thrown -> assertThat(thrown.reason()).isEqualTo(badState("upgrade")));
    }
  }

  @Test
  void http10CarriesNoLiveWebSocket() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LiveOptions.DEFAULT.connection(OLD))
        .withMessage(
            "live.connection.http1.version: HTTP_1_0, allowed HTTP_1_1, since HTTP/1.0 has no"
                + " WebSocket");
  }
}
