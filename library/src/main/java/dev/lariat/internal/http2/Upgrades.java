package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.CANCEL;

import dev.lariat.internal.codec.Handshake;
import dev.lariat.internal.codec.Hpack;
import dev.lariat.internal.codec.Violation;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.PendingUpgrade;
import dev.lariat.internal.protocol.PendingUpgrade.ToRaw;
import dev.lariat.internal.protocol.PendingUpgrade.ToTunnel;
import dev.lariat.internal.protocol.PendingUpgrade.ToWebSocket;
import dev.lariat.internal.protocol.Refusals;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.TunnelUp;
import dev.lariat.message.Upgraded;
import java.util.Optional;

/**
 * Streams that become another protocol's by an extended CONNECT (RFC 8441 section 4), or a tunnel
 * by a plain one (RFC 9113 section 8.5): what is asked of them before the server answers, and the
 * answer. It also answers what no stream can do.
 */
final class Upgrades {
  private static final String NOT_OPEN = "the WebSocket is not open";
  private static final Reason ENDED = new Reason.StreamEnded(); // RFC 8441 section 5
  private static final String NO_BODY_AWAITED = "nothing more of the request's body is awaited";

  private final Http2Engine engine;
  private final Streams streams;
  private final Sending sending;

  @SuppressWarnings("NullAway.Init") // nothing is asked for before begin
  private Out out;

  Upgrades(Http2Engine engine, Streams streams, Sending sending) {
    this.engine = engine;
    this.streams = streams;
    this.sending = sending;
  }

  void begin(Out out) {
    this.out = out;
  }

  // ---- before the answer

  /** Keeps what is sent before an upgrade is answered, or refuses it. */
  void early(Command.OfStream command, Http2Stream stream) {
    PendingUpgrade upgrade = stream.upgrade;
    if (upgrade == null || !upgrade.early(command, out)) {
      refuse(command);
    }
  }

  // ---- the answer

  /** The server accepts a CONNECT, extended (RFC 8441 section 5) or plain. */
  void accepted(Http2Stream stream, PendingUpgrade upgrade, Hpack.Response head, boolean last)
      throws Violation {
    Stream its = stream.stream;
    Headers headers = head.headers();
    switch (upgrade) {
      case ToWebSocket socket -> {
        Handshake.Agreement agreement = agreement(socket, headers);
        out.tell(
            its.inbox(),
            new Upgraded(its.ref(), Protocol.WEBSOCKET, agreement.subprotocol(), headers));
        host(
            stream,
            new Change.SpeakWebSocket(
                its, agreement, headers, socket.options(), socket.takeEarly(), ENDED),
            last);
      }
      case ToRaw raw -> {
        out.tell(
            its.inbox(),
            new Upgraded(
                its.ref(), Protocol.RAW, Optional.of(raw.protocols().getFirst()), headers));
        host(stream, new Change.SpeakRaw(its, stream.credit, raw.takeEarly()), last);
      }
      case ToTunnel tunnel -> {
        out.tell(its.inbox(), new TunnelUp(its.ref(), head.status(), headers));
        host(stream, Change.SpeakRaw.tunnel(its, tunnel), last);
      }
    }
  }

  private static Handshake.Agreement agreement(ToWebSocket socket, Headers headers)
      throws Violation {
    try {
      return socket.handshake().verify(headers);
    } catch (Violation v) {
      throw Violation.of(v.reason(), CANCEL);
    }
  }

  /**
   * Lets another engine have the stream.
   *
   * @param last whether the server's side has ended already, as a socket may after a 101 response
   */
  private void host(Http2Stream stream, Change.Speak start, boolean last) {
    StreamLane lane = new StreamLane(engine, stream, sending, out);
    stream.upgrade = null;
    stream.lane = lane;
    stream.sender = lane;
    streams.lend(stream);
    lane.open(out.host(start, lane));
    if (last) {
      lane.ended();
      engine.closes(stream);
    }
  }

  /** The answer to an upgrade is a plain response: its stream goes on as a request's. */
  void refused(Http2Stream stream, PendingUpgrade upgrade) {
    stream.upgrade = null;
    upgrade.refuseEarly(out);
    stream.stream.gate().ended();
    if (!stream.sentEnd) {
      sending.end(stream);
    }
  }

  // ---- what is not done

  /** Gives a stream its final message, and answers what was sent early on it. */
  void fail(Http2Stream stream, Reason reason) {
    if (stream.upgrade != null) {
      stream.upgrade.refuseEarly(reason, out);
    }
    Refusals.fail(stream.stream, reason, out);
  }

  void refuse(Command.OfStream command) {
    String why = command instanceof Command.OfBody ? NO_BODY_AWAITED : NOT_OPEN;
    Refusals.refuse(command, new Reason.BadState(command.operation(), why), out);
  }
}
