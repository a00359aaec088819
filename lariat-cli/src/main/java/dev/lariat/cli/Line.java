package dev.lariat.cli;

import dev.lariat.message.*;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Messages as lines for people. */
final class Line {
  private static final int ZWNJ = 0x200c;
  private static final int ZWJ = 0x200d;

  private Line() {}

  static String of(Message message) {
    return switch (message) {
      case Up(_, var protocol) -> line("Up", "connected, speaking " + protocol);
      case Down(_, _, var reason, _, _) -> line("Down", reason.sentence());
      case Retrying(_, var attempt, var delay, var reason) ->
          line("Retrying", "attempt " + attempt + " in " + time(delay) + ": " + reason.sentence());
      case Notice(_, Notice.PingAcknowledged(_, var trip)) ->
          line("Pong", "after " + Page.time(trip));
      case Notice(_, Notice.Unsolicited(var status, _)) ->
          line("Notice", "the server sent a response that no request asked for: status " + status);
      case Notice(_, Notice.SettingsChanged(var streams, _)) ->
          line(
              "Notice",
              streams.isPresent()
                  ? "the server allows " + streams.getAsLong() + " streams at a time"
                  : "the server sets no limit on streams");
      case Notice(_, Notice.GoingAway(var streams)) ->
          line("Notice", "the server ends the connection; " + streams + " streams continue");
      case Notice(_, Notice.ReceiverThrew(_, var thrown)) ->
          line("Notice", "a receiver threw " + thrown);
      case Notice(_, Notice.ListenerThrew(_, var thrown)) ->
          line("Notice", "a listener threw " + thrown);
      case Notice(_, Notice.Dropped(_, var messages)) ->
          line("Notice", messages + " messages were dropped");
      case Rejected(_, var what, var reason) -> line("Rejected", what + ": " + reason.sentence());
      case Terminated(_, var reason) -> line("Terminated", reason.sentence());
      case TunnelUp(_, var status, _) -> line("TunnelUp", "status " + status);
      case Upgraded upgraded -> line("Upgraded", terms(upgraded));
      case WebSocketFrame(_, var frame) -> of(frame);
      case WebSocketPart(_, var data, _) -> of(data);
      case SubprotocolMessage(_, var value) -> line("Message", plain(value.toString()));
      case WebSocketClosed(_, var handshake) -> line("Closed", handshake.sentence());
      case StreamFailed(_, var reason) -> line("Failed", reason.sentence());
      case Inform(_, var status, _) -> line("Inform", "status " + status);
      case Push(_, _, var method, var uri, _) -> line("Push", plain(method + " " + uri));
      case Response(_, _, var status, _) -> line("Response", "status " + status);
      case Data(_, _, var bytes) -> line("Data", plain(bytes.utf8().stripTrailing()));
      case ServerSentEvent(_, _, var type, var data, _) -> line("Event", plain(type + " " + data));
      case ContentMessage(_, var value) -> line("Content", plain(value.toString()));
      case Trailers(_, var headers) -> line("Trailers", plain(headers.toString()));
      case Connecting(_, var attempt, _) -> line("Connecting", "attempt " + attempt);
      case Waiting(_, var attempt, var delay, var reason, _) ->
          line("Retrying", "attempt " + attempt + " in " + time(delay) + ": " + Words.of(reason));
      case Open(_, var session, var subprotocol, var headers) ->
          line("Open", "session " + session + terms(subprotocol, headers));
      case Gone(_, var reason) -> line("Gone", Words.of(reason));
    };
  }

  /** Whether this tells that a ping was answered. */
  static boolean isPing(Message message) {
    return message instanceof Notice(_, Notice.PingAcknowledged _);
  }

  static String of(Frame frame) {
    return switch (frame) {
      case Text(var text) -> line("Text", plain(text));
      case Binary(var bytes) -> line("Binary", size(bytes));
      case Ping(var bytes) -> line("Ping", size(bytes));
      case Pong(var bytes) -> line("Pong", size(bytes));
      case Close(var code, var text) ->
          line("Close", code == Close.NO_CODE ? "no code" : (code + " " + plain(text)).strip());
    };
  }

  static String line(String word, String rest) {
    return String.format(Locale.ROOT, "%-10s %s", word, rest);
  }

  private static String terms(Upgraded upgraded) {
    return upgraded.protocol() + terms(upgraded.subprotocol(), upgraded.headers());
  }

  private static String terms(Optional<String> subprotocol, Headers headers) {
    return subprotocol.map(name -> ", " + name).orElse("")
        + headers.first("sec-websocket-extensions").map(name -> ", " + plain(name)).orElse("");
  }

  private static String size(Bytes bytes) {
    return bytes.size() == 1 ? "1 byte: " + hex(bytes) : bytes.size() + " bytes: " + hex(bytes);
  }

  /** The first bytes in hexadecimal. */
  private static String hex(Bytes bytes) {
    StringBuilder hex = new StringBuilder();
    for (int i = 0; i < Math.min(32, bytes.size()); i++) {
      hex.append(String.format(Locale.ROOT, "%02x", bytes.at(i)));
    }
    return bytes.size() > 32 ? hex.append("…").toString() : hex.toString();
  }

  private static String time(Duration time) {
    return time.toMillis() < 10
        ? time.toNanos() / 1000 + " µs"
        : time.toMillis() < 10_000 ? time.toMillis() + " ms" : time.toSeconds() + " s";
  }

  /**
   * One line that cannot command a terminal, nor make its text look like another: control
   * characters become their pictures, and what has no picture its number.
   */
  static String plain(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    text.codePoints().forEach(c -> visible(plain, c));
    return plain.toString();
  }

  /** Several lines that cannot command a terminal: as {@link #plain}, but for the line ends. */
  static String block(String text) {
    StringBuilder block = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean pair = Character.isHighSurrogate(c) && i + 1 < text.length();
      if (c == '\n' || c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
        block.append(c);
      } else if (pair) {
        visible(block, text.codePointAt(i++));
      } else {
        visible(block, c);
      }
    }
    return block.toString();
  }

  private static void visible(StringBuilder plain, int c) {
    if (c < 0x20 && c != '\t') {
      plain.appendCodePoint(0x2400 + c);
    } else if (c == 0x7f) {
      plain.append('\u2421');
    } else if (hidden(c)) {
      plain.append(String.format(Locale.ROOT, "<U+%04X>", c));
    } else {
      plain.appendCodePoint(c);
    }
  }

  /** Whether a terminal shows nothing for it, but may change how the rest looks. */
  private static boolean hidden(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL -> c != '\t';
      case Character.FORMAT -> c != ZWNJ && c != ZWJ; // by which letters and emoji are joined
      case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE -> true;
      default -> false;
    };
  }
}
