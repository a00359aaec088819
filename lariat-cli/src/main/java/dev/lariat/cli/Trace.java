package dev.lariat.cli;

import dev.lariat.event.Event;
import dev.lariat.event.Listener;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import java.net.SocketAddress;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What is sent and received, as curl shows it, on standard error; secrets only if asked for. */
final class Trace implements Listener {
  private final Io io;
  private final boolean secrets;
  private final @Nullable String authorization;
  private final Map<ConnectionRef, Protocol> spoken = new ConcurrentHashMap<>();

  /**
   * Nothing is shown yet.
   *
   * @param secrets whether they are shown
   * @param authorization what the Authorization is, which events do not have; null if unknown
   */
  Trace(Io io, boolean secrets, @Nullable String authorization) {
    this.io = io;
    this.secrets = secrets;
    this.authorization = authorization;
  }

  private void line(String mark, String text) {
    io.err().println((mark + " " + Line.plain(text)).stripTrailing());
  }

  void note(String text) {
    line("*", text);
  }

  @Override
  public void event(Event event) {
    switch (event) {
      case Event.LookupEnd(_, var host, var addresses, var failure, var took) -> {
        if (failure.isEmpty()) {
          note(host + " has " + count(addresses.size()) + ", after " + took.toMillis() + " ms");
        }
      }
      case Event.ConnectStart(_, var remote) -> note("Connecting to " + place(remote));
      case Event.TlsEnd(_, var session, _, var took) ->
          session.ifPresent(
              its ->
                  note(
                      "TLS: "
                          + its.protocol()
                          + ", "
                          + its.cipher()
                          + ", after "
                          + took.toMillis()
                          + " ms"));
      case Event.ProxyStart(_, var number, var proxy) -> note("Proxy " + number + ": " + proxy);
      case Event.Established(var connection, var protocol, var remote, _) -> {
        spoken.put(connection, protocol);
        note("Connected to " + place(remote) + ", speaking " + protocol.token());
      }
      case Event.RequestStart(var stream, var method, var target) ->
          line(">", method + " " + target + " " + version(stream.connection()));
      case Event.RequestHeaders(var stream, var headers) -> {
        if (!headers.contains("host")) {
          line(">", "host: " + stream.connection().authority());
        }
        headers(">", headers);
      }
      case Event.ResponseInform(var stream, var status, var headers) ->
          response(stream.connection(), status, headers);
      case Event.ResponseHeaders(var stream, var status, var headers) ->
          response(stream.connection(), status, headers);
      case Event.ResponseTrailers(_, var headers) -> headers("<", headers);
      case Event _ -> {} // what a person can do without
    }
  }

  /** An address without the name that the JDK puts before it. */
  private static String place(SocketAddress remote) {
    return remote.toString().replaceFirst("^[^/]*/(?=.*:[0-9]+$)", "");
  }

  private static String count(int addresses) {
    return addresses == 1 ? "1 address" : addresses + " addresses";
  }

  private void response(ConnectionRef connection, int status, Headers headers) {
    line("<", version(connection) + " " + status);
    headers("<", headers);
  }

  private String version(ConnectionRef connection) {
    return version(spoken.getOrDefault(connection, Protocol.HTTP_1_1));
  }

  static String version(Protocol protocol) {
    return protocol == Protocol.HTTP_2 ? "HTTP/2" : "HTTP/1.1";
  }

  private void headers(String mark, Headers headers) {
    for (Headers.Field field : headers) {
      line(mark, field.name() + ": " + (secrets ? known(field) : shown(field)));
    }
    line(mark, "");
  }

  private String known(Headers.Field field) {
    String its = field.name().equalsIgnoreCase("authorization") ? authorization : null;
    return its == null ? field.value() : its;
  }

  private static String shown(Headers.Field field) {
    String value = field.value();
    return switch (field.name().toLowerCase(Locale.ROOT)) {
      case "authorization", "proxy-authorization" -> {
        int space = value.indexOf(' ');
        yield space < 0 ? "***" : value.substring(0, space) + " ***";
      }
      case "cookie" -> value.replaceAll("=[^;]*", "=***");
      case "set-cookie" -> value.replaceFirst("=[^;]*", "=***");
      default -> value;
    };
  }
}
