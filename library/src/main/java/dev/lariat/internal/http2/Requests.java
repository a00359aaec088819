package dev.lariat.internal.http2;

import dev.lariat.cookie.RequestUri;
import dev.lariat.internal.codec.FieldSection;
import dev.lariat.internal.codec.Handshake;
import dev.lariat.internal.codec.Hpack;
import dev.lariat.internal.protocol.Authorization;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.CookieHeaders;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.PendingUpgrade;
import dev.lariat.internal.protocol.PendingUpgrade.ToRaw;
import dev.lariat.internal.protocol.PendingUpgrade.ToTunnel;
import dev.lariat.internal.protocol.PendingUpgrade.ToWebSocket;
import dev.lariat.internal.protocol.Refusals;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.internal.text.Priority;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.option.Request;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Begins the streams of {@link Http2Engine}: makes HEADERS of what a user asks for. */
final class Requests {
  static final Reason NOT_OFFERED =
      new Reason.NotOffered("WebSocket over HTTP/2", "RFC 8441 section 3");

  /** Methods whose requests say how long their content is, even if there is none. */
  private static final Set<String> EXPECT_CONTENT = Set.of("POST", "PUT", "PATCH");

  private final Http2Engine engine;
  private final String authority;
  private final String scheme;
  private final CookieHeaders cookies;
  private final Hpack hpack;
  private final Sending sending;

  @SuppressWarnings("NullAway.Init") // nothing begins before begin
  private Out out;

  Requests(
      Http2Engine engine,
      String authority,
      boolean secure,
      CookieHeaders cookies,
      Hpack hpack,
      Sending sending) {
    this.engine = engine;
    this.authority = authority;
    this.scheme = secure ? "https" : "http";
    this.cookies = cookies;
    this.hpack = hpack;
    this.sending = sending;
  }

  void begin(Out out) {
    this.out = out;
  }

  /** The server's table for compressed fields has this size. */
  void tableSize(long size) {
    hpack.tableSize(size);
  }

  /** Whether it is asked for by an extended CONNECT (RFC 8441 section 4). */
  static boolean isExtended(Command.Begin begin) {
    return begin instanceof Command.Upgrade
        || begin instanceof Command.Request request && request.upgrades();
  }

  /** Begins a stream of this number; null if it was refused. */
  @Nullable Http2Stream begin(Command.Begin begin, int id) {
    if (isExtended(begin) && !engine.server().extendedConnect()) {
      Refusals.refuse(begin, NOT_OFFERED, out);
      return null;
    }
    return switch (begin) {
      case Command.Request request ->
          request.upgrades() ? connect(request, id) : request(request, id);
      case Command.Upgrade upgrade -> webSocket(upgrade, id);
      case Command.Connect connect -> tunnel(connect, id);
      case Command.Raw raw -> {
        Refusals.refuse(raw, new Reason.BadState("raw", "the connection speaks HTTP"), out);
        yield null;
      }
    };
  }

  private Http2Stream request(Command.Request command, int id) {
    Stream its = command.stream();
    RequestUri uri = cookies.uri(authority, command.request());
    Request asked = cookies.with(command.authorized(), uri);
    Http2Stream stream = stream(command, id, uri);
    stream.head = asked.method().equals("HEAD");
    engine.add(stream);
    Request request = out.observer().requestStart(its, asked);
    boolean whole = command.whole();
    boolean empty = whole && request.body().isEmpty();
    Duration patience =
        empty || request.contentLength().orElse(1) == 0 && !whole
            ? null
            : request.expectContinue().orElse(null);
    FieldSection fields = hpack.begin();
    pseudo(fields, request.method(), request.target(), request.headers());
    fields(fields, request.headers(), whole);
    if (whole && (!empty || EXPECT_CONTENT.contains(request.method()))) {
      fields.add("content-length", Integer.toString(request.body().size()));
    }
    if (patience != null) {
      fields.add("expect", "100-continue");
    }
    sending.fields(id, empty);
    if (empty) {
      stream.sentEnd = true;
      out.observer().requestEnd(its.ref());
      return stream;
    }
    stream.priority = priority(request.headers());
    Upload upload = new Upload(stream, command, engine, sending, patience, out);
    stream.sender = upload;
    engine.noteDue(upload.deadline());
    if (whole) {
      upload.add(command.wholeBody());
    }
    return stream;
  }

  private Http2Stream stream(Command.Begin command, int id, @Nullable RequestUri uri) {
    Http2Stream stream = new Http2Stream(id, command, uri, engine.window());
    if (command instanceof Command.Request request) {
      stream.credit = request.request().credit();
      stream.content = request.request().content();
      if (request.deadline() != Engine.NEVER) {
        stream.deadline = request.deadline();
        stream.late = request.late();
      }
    }
    return stream;
  }

  /** Begins a stream of the server's, whose request it promises with another one. */
  void promised(Stream its, Request request, int id, Http2Stream parent) {
    long deadline = request.timeout().map(time -> out.now() + time.toNanos()).orElse(Engine.NEVER);
    Command.Request begun =
        new Command.Request(its, request, true, deadline, List.of(), FieldNames.PLAIN);
    RequestUri uri = // of a parent without cookies has none, either
        parent.uri == null ? null : cookies.uri(authority(parent), Headers.EMPTY, request.target());
    Http2Stream stream = stream(begun, id, uri);
    stream.head = request.method().equals("HEAD");
    stream.sentEnd = true;
    stream.promisedWith = parent.stream.ref();
    engine.add(stream);
  }

  /** The scheme and the authority of this stream's request. */
  String origin(Http2Stream stream) {
    return scheme + "://" + authority(stream);
  }

  /** Whether this is the origin that the stream's request is for. */
  boolean isSameOrigin(Http2Stream stream, String scheme, String authority) {
    int implied = this.scheme.equals("https") ? 443 : 80;
    try {
      return scheme.equalsIgnoreCase(this.scheme)
          && Authority.parse(authority, implied)
              .equals(Authority.parse(authority(stream), implied));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private String authority(Http2Stream stream) {
    return stream.begun instanceof Command.Request its
        ? its.request().headers().first("host").orElse(authority)
        : authority;
  }

  /** The user's WebSocket (RFC 8441 section 5). */
  private Http2Stream webSocket(Command.Upgrade command, int id) {
    Stream its = command.stream();
    String path = command.path();
    Handshake handshake =
        new Handshake(command.options().subprotocols(), command.options().deflate());
    RequestUri uri = cookies.uri(authority, command.options().headers(), path);
    Http2Stream stream = stream(command, id, uri);
    stream.upgrade = new ToWebSocket(handshake, command.options());
    stream.priority = priority(command.options().headers());
    engine.add(stream);
    Headers shown =
        its.authorization().with(command.options().headers(), "CONNECT", path, Bytes.EMPTY);
    Headers traced = out.observer().upgrade(its, path, shown, handshake.headers());
    extended(id, "websocket", path, cookies.with(traced, uri), handshake.headers());
    return stream;
  }

  /** Another protocol that the user speaks. */
  private @Nullable Http2Stream connect(Command.Request command, int id) {
    if (command.protocols().size() > 1) {
      Reason state =
          new Reason.BadState(
              "upgrade", "HTTP/2 asks for one protocol at a time (RFC 8441 section 4)");
      Refusals.refuse(command, state, out);
      return null;
    }
    Request asked = command.authorized();
    RequestUri uri = cookies.uri(authority, asked);
    Http2Stream stream = stream(command, id, uri);
    stream.upgrade = new ToRaw(command.protocols());
    stream.priority = priority(asked.headers());
    engine.add(stream);
    Request request = out.observer().requestStart(command.stream(), asked);
    extended(
        id,
        command.protocols().getFirst(),
        request.target(),
        cookies.with(request.headers(), uri),
        Headers.EMPTY);
    out.observer().requestEnd(command.stream().ref());
    return stream;
  }

  /** A tunnel: its request has a method and an authority, and no more (RFC 9113 section 8.5). */
  private Http2Stream tunnel(Command.Connect command, int id) {
    Stream its = command.stream();
    Http2Stream stream = stream(command, id, null);
    stream.upgrade = new ToTunnel();
    stream.priority = priority(command.headers());
    engine.add(stream);
    Headers shown = command.authorized();
    out.observer().requestStart(its, "CONNECT", command.destination(), shown);
    FieldSection fields = hpack.begin();
    fields.add(":method", "CONNECT");
    fields.add(":authority", command.destination());
    fields(fields, shown, false);
    sending.fields(id, false);
    out.observer().requestEnd(its.ref());
    return stream;
  }

  private void extended(int id, String protocol, String path, Headers users, Headers handshake) {
    FieldSection fields = hpack.begin();
    pseudo(fields, "CONNECT", path, users);
    fields.add(":protocol", protocol);
    fields(fields, users, false);
    for (Headers.Field field : handshake) {
      fields.add(field.name(), field.value());
    }
    sending.fields(id, false);
  }

  private static @Nullable Priority priority(Headers users) {
    return users.first(Priority.FIELD).map(Priority::parse).orElse(null);
  }

  private void pseudo(FieldSection fields, String method, String path, Headers users) {
    fields.add(":method", method);
    fields.add(":scheme", scheme);
    fields.add(":authority", users.first("host").orElse(authority));
    fields.add(":path", path);
  }

  /** The user's fields, without those that stand for a connection of HTTP/1.1. */
  private static void fields(FieldSection fields, Headers users, boolean whole) {
    for (Headers.Field field : users) {
      String name = field.name();
      boolean dropped =
          name.equals("host")
              || FieldSection.isOfConnection(name)
              || name.equals("te") && !field.value().strip().equalsIgnoreCase("trailers")
              || name.equals("content-length") && whole;
      if (!dropped) {
        fields.add(name, field.value());
      }
    }
  }

  /** Writes the trailers that end a request's body. */
  void trailers(Http2Stream stream, Headers trailers) {
    FieldSection fields = hpack.begin();
    fields(fields, trailers, false);
    sending.fields(stream.id, true);
    stream.sentEnd = true;
  }

  // ---- a challenge

  /**
   * Whether the response is a challenge, and its request can be sent once more. If so, the
   * challenge is thrown away, and the request is sent with an answer.
   */
  boolean asksAgain(Http2Stream stream, Hpack.Response head) {
    Authorization authorization = stream.stream.authorization();
    boolean whole = !(stream.begun instanceof Command.Request request) || request.whole();
    if (!whole || !engine.isOpen() || stream.upgrade == null && !stream.sentEnd) {
      authorization.learn(head.status(), head.headers());
      return false;
    }
    if (!authorization.asksAgain(head.status(), head.headers())) {
      return false;
    }
    PendingUpgrade upgrade = stream.upgrade;
    out.observer() // for its request is one of its own there
        .told(new Response(stream.stream.ref(), true, head.status(), head.headers()));
    engine.replace(
        stream,
        stream.begun.again(stream.credit, upgrade),
        upgrade == null ? List.of() : upgrade.takeEarly());
    return true;
  }
}
