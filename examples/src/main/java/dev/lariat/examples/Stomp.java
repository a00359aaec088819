package dev.lariat.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.*;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Subprotocols;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** STOMP 1.2 by the subprotocol {@code v12.stomp}. Translates one session. */
public final class Stomp implements WebSocketHandler {
  private static final int LONGEST = 1 << 20; // of a frame that is not complete
  private static final Pattern HEAD = Pattern.compile("[\r\n]*(\\w+)\r?\n((?:[^\n]+\n)*?)\r?\n");
  private static final Pattern ESCAPE = Pattern.compile("\\\\.");

  /** A frame of STOMP. */
  record StompFrame(String command, Map<String, String> headers, String body) {
    /** What goes over the network. */
    Text encoded() {
      StringBuilder out = new StringBuilder(command).append('\n');
      headers.forEach(
          (name, value) ->
              out.append(escaped(name)).append(':').append(escaped(value)).append('\n'));
      return new Text(out.append('\n').append(body).append('\0').toString());
    }

    private String escaped(String text) {
      return command.equals("CONNECT") // the only frame of a client's that escapes nothing
          ? text
          : text.replace("\\", "\\\\")
              .replace("\n", "\\n")
              .replace("\r", "\\r")
              .replace(":", "\\c");
    }
  }

  private final WebSocketHandler.Session session;
  private String in = ""; // a character for each byte that is not decoded yet
  private boolean connected;

  private Stomp(WebSocketHandler.Session session) {
    this.session = session;
  }

  @Override
  public void frame(Frame frame) {
    switch (frame) {
      case Text(var text) -> decode(text.getBytes(UTF_8));
      case Binary(var bytes) -> decode(bytes.toArray());
      default -> {} // Lariat has answered pings and close frames
    }
  }

  /** A WebSocket message may hold several frames, a part of one, or a newline as a heart-beat. */
  private void decode(byte[] bytes) {
    in += new String(bytes, ISO_8859_1);
    Matcher head = HEAD.matcher(in);
    while (head.lookingAt()) {
      String command = head.group(1);
      Map<String, String> headers = headers(head.group(2), !command.equals("CONNECTED"));
      String length = headers.get("content-length");
      int end =
          length == null ? in.indexOf('\0', head.end()) : head.end() + Integer.parseInt(length);
      if (end < 0 || end >= in.length()) {
        break; // the rest is yet to arrive
      }
      if (in.charAt(end) != '\0') {
        throw new IllegalArgumentException("no NUL at the end of a STOMP frame");
      }
      arrived(new StompFrame(command, headers, utf8(in.substring(head.end(), end))));
      in = in.substring(end + 1);
      head = HEAD.matcher(in);
    }
    if (in.length() > LONGEST) {
      throw new IllegalStateException("a STOMP frame is longer than " + LONGEST + " bytes");
    }
  }

  private void arrived(StompFrame frame) {
    if (connected) {
      session.tell(frame);
    } else { // CONNECTED or ERROR, for the opening step
      connected = true;
      session.tell(new Text(frame.command() + " " + frame.headers()));
    }
  }

  private static Map<String, String> headers(String lines, boolean escaped) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (String line : utf8(lines).lines().toList()) {
      String[] parts = line.split(":", 2);
      if (parts.length == 2) { // of a name that is repeated, the first one counts
        headers.putIfAbsent(
            escaped ? unescaped(parts[0]) : parts[0], escaped ? unescaped(parts[1]) : parts[1]);
      }
    }
    return headers;
  }

  private static String unescaped(String text) {
    return ESCAPE
        .matcher(text)
        .replaceAll(
            match ->
                switch (match.group()) {
                  case "\\n" -> "\n";
                  case "\\r" -> "\r";
                  case "\\c" -> ":";
                  case "\\\\" -> "\\\\"; // one backslash, as replaceAll writes it
                  default -> throw new IllegalArgumentException("no escape: " + match.group());
                });
  }

  private static String utf8(String bytes) {
    return new String(bytes.getBytes(ISO_8859_1), UTF_8);
  }

  /** A live connection that logs in and subscribes in every session. */
  static LiveWebSocket.Plan plan(
      String uri, LiveOptions options, String login, String passcode, String destination) {
    String host = URI.create(uri).getHost();
    Subprotocols subprotocols = Subprotocols.NONE.and("v12.stomp", Stomp::new).required(true);
    return LiveWebSocket.to(uri)
        .options(options.webSocket(options.webSocket().subprotocols(subprotocols)))
        .onOpen(
            session -> {
              var connect =
                  Map.of(
                      "accept-version", "1.2",
                      "host", host,
                      "heart-beat", "0,0", // Lariat's pings do that
                      "login", login,
                      "passcode", passcode);
              session.send(new StompFrame("CONNECT", connect, "").encoded());
              String answer = ((Text) session.receive(Duration.ofSeconds(10))).text();
              if (!answer.startsWith("CONNECTED")) {
                throw new IllegalStateException(answer);
              }
              var subscribe = Map.of("id", "0", "destination", destination, "ack", "auto");
              session.send(new StompFrame("SUBSCRIBE", subscribe, "").encoded());
            });
  }

  /** Prints messages until the server reports an error. */
  static void print(LiveWebSocket feed) {
    for (Message message : feed.messages()) {
      switch (message) {
        case SubprotocolMessage(var stream, StompFrame frame) -> {
          System.out.println(frame.command() + " " + frame.headers() + " " + frame.body());
          if (frame.command().equals("ERROR")) {
            return;
          }
        }
        case Waiting waiting -> System.out.println(waiting.reason().sentence());
        case Gone gone -> System.out.println(gone.reason().sentence());
        default -> {}
      }
    }
  }
}
