package dev.lariat.internal.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Followed;
import dev.lariat.internal.protocol.Recorder;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Upgraded;
import dev.lariat.option.Request;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The upgrade to a protocol that the user speaks (RFC 9110 section 7.8). */
class ProtocolSwitchTest {
  private final Server server = new Server();
  private final Recorder out = server.out;

  private Stream asks(String... protocols) {
    return asks(Request.of("GET", "/").credit(7), protocols);
  }

  private Stream asks(Request request, String... protocols) {
    Stream stream = out.stream("switch");
    server.engine.command(
        new Command.Request(
            stream, request, true, Engine.NEVER, List.of(protocols), FieldNames.PLAIN),
        out.at(server.now));
    return stream;
  }

  @Test
  void aSwitchHandsTheStreamOverWithWhatWasSentEarly() {
    Stream stream = asks("foo/2", "bar");
    assertThat(server.reads())
        .isEqualTo(
            "GET / HTTP/1.1\r\nhost: example.com\r\nconnection: upgrade\r\n"
                + "upgrade: foo/2, bar\r\n\r\n");
    Command.Data early = server.data(stream, "early", false);
    Stream held = server.request("GET", "/held");
    server.answers("HTTP/1.1 101 Switching", "Upgrade: Bar", "Connection: keep-alive, Upgrade");
    out.expect(
        new Upgraded(
            stream.ref(),
            Protocol.RAW,
            Optional.of("Bar"),
            Headers.of("upgrade", "Bar", "connection", "keep-alive, Upgrade")),
        new StreamFailed(
            held.ref(),
            new Reason.Unprocessed("the connection became a connection of another protocol")),
        new Change.SpeakRaw(stream, 7, List.of(early)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "upgrade: other\r\nconnection: upgrade",
        "upgrade: foo, bar\r\nconnection: upgrade",
        "upgrade: foo\r\nupgrade: bar\r\nconnection: upgrade",
        "connection: upgrade",
        "upgrade: foo",
        "upgrade: websocket\r\nconnection: upgrade"
      })
  void rfc9110_78_aSwitchToSomethingElseBreaksARule(String headers) {
    Stream stream = asks("foo", "bar");
    server.answers("HTTP/1.1 101 Switching", headers);
    Reason reason = out.next(Change.Close.class).reason();
    assertThat(((Reason.Protocol) reason).section()).isEqualTo("RFC 9110 section 7.8");
    server.end(reason);
    out.expect(new StreamFailed(stream.ref(), reason));
    out.expectEnd();
  }

  @Test
  void aSwitchWithoutConnectionSaysSo() {
    Stream stream = asks("custom/1.0");
    server.answers("HTTP/1.1 101 Switching", "upgrade: custom/1.0");
    Reason reason =
        new Reason.Protocol(
            "the 101 response has no Connection header with Upgrade", "RFC 9110 section 7.8");
    server.expectClose(reason);
    server.end(reason);
    out.expect(new StreamFailed(stream.ref(), reason));
    out.expectEnd();
  }

  @Test
  void whatFollowsASwitchIsLeftForTheNextEngine() {
    asks("foo");
    server.says("HTTP/1.1 101 Switching\r\nupgrade: foo\r\nconnection: upgrade\r\n\r\nHTTP");
    out.next(Upgraded.class);
    out.next(Change.SpeakRaw.class);
    assertThat(server.unread()).isEqualTo("HTTP");
  }

  @Test
  void aRefusalIsAResponseAndWhatWasSentEarlyIsRejected() {
    Stream stream = asks("foo");
    server.data(stream, "early", false);
    Stream held = server.request("GET", "/held");
    server.answers("HTTP/1.1 404 No", "content-length: 0");
    out.expect(
        new Rejected(
            stream.ref(),
            "data",
            new Reason.BadState("data", "the server did not switch protocols")),
        new Response(stream.ref(), true, 404, Headers.of("content-length", "0")));
    server.answers("HTTP/1.1 204 No");
    out.expect(new Response(held.ref(), true, 204, Headers.EMPTY));
    server.endQuietly();
  }

  @Test
  void aSwitchThatWasCancelledEndsTheConnection() {
    Stream stream = asks("foo");
    server.cancel(stream);
    Reason cancelled = new Reason.Cancelled();
    out.expect(new StreamFailed(stream.ref(), cancelled));
    server.expectClose(cancelled);
    server.end(cancelled);
    out.expectEnd();
  }

  @Test
  void whatWasSentOnASwitchBeforeItWasCancelledIsAnsweredOnce() {
    Stream stream = asks("bar");
    Followed fate = new Followed();
    server.data(stream, "early", false, Headers.EMPTY, fate);
    server.data(stream, "early", false);
    server.cancel(stream);
    assertThat(fate.lost()).isInstanceOf(Reason.Cancelled.class);
    out.next(Rejected.class);
    out.expect(new StreamFailed(stream.ref(), new Reason.Cancelled()));
    server.expectClose(new Reason.Cancelled());
    assertThat(Recorder.gate(stream).waiting).isZero();
    server.endQuietly();
  }

  @Test
  void whatIsSentOnACancelledSwitchIsRejectedAtOnce() {
    Stream stream = asks("bar");
    server.cancel(stream);
    out.expect(new StreamFailed(stream.ref(), new Reason.Cancelled()));
    server.expectClose(new Reason.Cancelled());
    server.data(stream, "late", false);
    out.next(Rejected.class);
    assertThat(Recorder.gate(stream).waiting).isZero();
    Followed fate = new Followed();
    server.data(stream, "", true, Headers.EMPTY, fate);
    assertThat(fate.lost()).isInstanceOf(Reason.BadState.class);
    server.endQuietly();
  }

  @Test
  void anAnswerThatDoesNotComeIsLate() {
    Stream stream = asks("foo");
    server.passes(Duration.ofSeconds(10));
    Reason late = new Reason.Timeout(Reason.Step.UPGRADE, Duration.ofSeconds(10));
    server.expectClose(late);
    server.end(late);
    out.expect(new StreamFailed(stream.ref(), late));
    out.expectEnd();
  }

  @Test
  void whatIsSentOnASwitchWaitsForItsAnswerAlsoWhereARefusalIsToBeTheLast() {
    Stream stream = asks(Request.of("GET", "/").header("connection", "close"), "foo");
    Command.Data early = server.data(stream, "early", false);
    server.answers("HTTP/1.1 101 Switching", "upgrade: foo", "connection: upgrade");
    out.next(Upgraded.class);
    out.expect(new Change.SpeakRaw(stream, Request.UNLIMITED, List.of(early)));
  }

  @Test
  void aRefusedSwitchThatWasToBeTheLastRequestEndsTheConnection() {
    Stream stream = asks(Request.of("GET", "/").header("connection", "close"), "foo");
    Stream behind = server.request("GET", "/behind");
    server.answers("HTTP/1.1 404 No", "content-length: 0");
    out.expect(new Response(stream.ref(), true, 404, Headers.of("content-length", "0")));
    server.expectClose(new Reason.Closed());
    server.endLeaving(behind);
  }

  @Test
  void creditThatIsAllowedBeforeTheAnswerGoesOnBehindTheSwitch() {
    Stream stream = asks("foo");
    server.engine.command(new Command.Credit(stream, 3), out.at(server.now));
    server.answers("HTTP/1.1 101 Switching", "upgrade: foo", "connection: upgrade");
    out.next(Upgraded.class);
    out.expect(new Change.SpeakRaw(stream, 10, List.of()));
  }
}
