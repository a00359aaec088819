package dev.lariat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.client.Caller;
import dev.lariat.event.StreamInfo;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.RawOptions;
import dev.lariat.option.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a user does with a raw connection, to a server in memory. */
@Timeout(30)
class RawTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final ConnectionOptions RAW = ConnectionOptions.DEFAULT.protocols(Protocol.RAW);

  private static void expectBadState(ThrowingCallable call, String operation, String state) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            FailedException.class,
            thrown -> assertThat(thrown.reason()).isEqualTo(new Reason.BadState(operation, state)));
  }

  @Test
  void bytesGoBothWaysByTheHandle() throws Exception {
    try (Origin origin = new Origin(RAW)) {
      assertThat(origin.connection.awaitUp(PATIENCE)).isEqualTo(Protocol.RAW);
      Exchange raw = origin.connection.raw();
      raw.data(Bytes.ofUtf8("EHLO\r\n"), false);
      origin.settle();
      assertThat(origin.text()).isEqualTo("EHLO\r\n");
      origin.answer("250 hello\r\n");
      assertThat(origin.mailbox.await(raw, PATIENCE))
          .isEqualTo(new Data(raw, false, Bytes.ofUtf8("250 hello\r\n")));
      assertThat(raw.info().join().state()).isEqualTo(StreamInfo.State.RUNNING);
      assertThat(raw).hasToString("raw");
    }
  }

  @Test
  void theMessagesGoWhereTheOptionsSay() throws Exception {
    try (Origin origin = new Origin(RAW);
        Mailbox own = Mailbox.create()) {
      origin.connection.awaitUp(PATIENCE);
      Exchange raw = origin.connection.raw(RawOptions.DEFAULT.replyTo(own).credit(1));
      origin.answer("a");
      origin.answer("b");
      assertThat(own.take()).isEqualTo(new Data(raw, false, Bytes.ofUtf8("a")));
      raw.credit(1);
      assertThat(own.take()).isEqualTo(new Data(raw, false, Bytes.ofUtf8("b")));
    }
  }

  @Test
  void linesAreReadAsOfABody() throws Exception {
    try (Origin origin = new Origin(RAW)) {
      origin.connection.awaitUp(PATIENCE);
      Exchange raw = origin.connection.raw(RawOptions.DEFAULT.credit(0));
      List<String> read = new ArrayList<>();
      origin.answer("220 ready\r\n250 ");
      try (Stream<String> lines = raw.lines(PATIENCE)) {
        var each = lines.iterator();
        read.add(each.next());
        origin.answer("hello\r\n");
        read.add(each.next());
      }
      assertThat(read).containsExactly("220 ready", "250 hello");
    }
  }

  @Test
  void itHasNoResponseAndNoTrailers() throws Exception {
    try (Origin origin = new Origin(RAW)) {
      origin.connection.awaitUp(PATIENCE);
      Exchange raw = origin.connection.raw();
      assertThatIllegalStateException()
          .isThrownBy(() -> raw.response(PATIENCE))
          .withMessage("the protocol is not HTTP, so there is no response");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> raw.trailers(Headers.of("a", "b")))
          .withMessageStartingWith("trailers: after a body that is not chunked");
    }
  }

  @Test
  void whatSwitchesToAnotherProtocolHasNoTrailersEither() throws Exception {
    try (Origin origin = new Origin()) {
      Exchange parrot = origin.connection.upgrade(Request.of("GET", "/"), "parrot");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> parrot.trailers(Headers.of("a", "b")))
          .withMessageStartingWith("trailers: after a body that is not chunked");
    }
  }

  @Test
  void aRawConnectionTakesNoRequest() {
    String state = "the connection speaks [raw]";
    try (Origin origin = new Origin(RAW)) {
      Connection connection = origin.connection;
      expectBadState(() -> connection.get("/"), "request", state);
      expectBadState(() -> connection.begin(Request.of("PUT", "/")), "begin", state);
      expectBadState(() -> connection.upgrade(Request.of("GET", "/"), "a"), "upgrade", state);
      expectBadState(() -> connection.webSocket("/"), "webSocket", state);
      expectBadState(() -> Caller.on(connection).get("/", PATIENCE), "request", state);
    }
  }

  @Test
  void aConnectionThatSpeaksHttpIsNotRaw() {
    try (Origin origin = new Origin()) {
      expectBadState(() -> origin.connection.raw(), "raw", "the connection speaks [http/1.1]");
    }
  }

  @Test
  void aRawConnectionCarriesNoLiveWebSocket() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LiveOptions.DEFAULT.connection(RAW))
        .withMessage("live.connection.protocols: [raw], allowed h2 and http/1.1");
  }
}
