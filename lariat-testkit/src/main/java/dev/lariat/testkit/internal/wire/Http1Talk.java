package dev.lariat.testkit.internal.wire;

import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1, which is not strict with the script: it answers whether or not anything was asked. */
final class Http1Talk implements Talk {
  private final Peer peer;
  private final Input in;
  private Http.@Nullable Head newest;

  Http1Talk(Peer peer, Input in) {
    this.peer = peer;
    this.in = in;
  }

  @Override
  public Protocol protocol() {
    return Protocol.HTTP_1_1;
  }

  @Override
  public Http.@Nullable Head head() throws IOException {
    newest = peer.thawed(() -> Http.head(in).orElse(null));
    return newest;
  }

  private Http.Head newest() {
    Http.Head head = newest;
    if (head == null) {
      throw new IllegalStateException("there is no request");
    }
    return head;
  }

  @Override
  public byte[] body() throws IOException {
    Http.Head head = newest();
    return peer.thawed(() -> Http.body(head, in));
  }

  @Override
  public boolean asksForWebSocket() {
    Http.Head head = newest();
    Headers its = head.headers();
    return head.method().equals("GET")
        && has(its, "upgrade", "websocket")
        && has(its, "connection", "upgrade")
        && its.first("sec-websocket-version").orElse("").equals("13")
        && key().matches("[A-Za-z0-9+/]{22}==");
  }

  private String key() {
    return newest().headers().first("sec-websocket-key").orElse("");
  }

  private static boolean has(Headers headers, String name, String word) {
    return headers.all(name).stream()
        .flatMap(value -> List.of(value.split(",")).stream())
        .anyMatch(one -> one.strip().toLowerCase(Locale.ROOT).equals(word));
  }

  @Override
  public boolean gone() throws IOException {
    return in.ready(0) && !in.hasNext();
  }

  @Override
  public void drain() throws IOException {
    peer.drain();
  }

  @Override
  public void inform(int status, Headers headers) throws IOException {
    peer.write(Http.head(status, headers));
  }

  @Override
  public void respond(int status, Headers headers, byte[] body) throws IOException {
    byte[] head = Http.head(status, headers);
    byte[] all = new byte[head.length + body.length];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(body, 0, all, head.length, body.length);
    peer.write(all);
  }

  @Override
  public Body begin(int status, Headers headers, Framing framing) throws IOException {
    Headers all =
        switch (framing) {
          case CHUNKED -> headers.with("transfer-encoding", "chunked");
          case LENGTH -> headers;
          case CLOSE -> headers.with("connection", "close");
        };
    peer.write(Http.head(status, all));
    boolean chunked = framing == Framing.CHUNKED;
    return new Body() {
      @Override
      public void write(byte[] piece) throws IOException {
        peer.write(chunked ? Http.chunk(piece) : piece);
      }

      @Override
      public void end(Headers trailers) throws IOException {
        if (chunked) {
          peer.write(Http.lastChunk(trailers));
        }
      }
    };
  }

  @Override
  public Tunnel accept(Headers headers) throws IOException {
    Headers all =
        Headers.of(
            "upgrade", "websocket",
            "connection", "Upgrade",
            "sec-websocket-accept", Http.acceptKey(key()));
    for (Headers.Field field : headers) {
      all = all.with(field.name(), field.value());
    }
    peer.write(Http.head(101, all));
    WebSocketFrames.Reader frames = new WebSocketFrames.Reader(in);
    return new Tunnel() {
      @Override
      public Optional<Frame> frame() throws IOException {
        return peer.thawed(frames::next);
      }

      @Override
      public boolean ready(Duration length) throws IOException {
        return peer.thawed(() -> in.ready(length.toNanos()));
      }

      @Override
      public void write(byte[] bytes) throws IOException {
        peer.write(bytes);
      }

      @Override
      public void end() throws IOException {
        peer.endOutput();
      }
    };
  }

  @Override
  public Peer tunnel(Headers headers) throws IOException {
    peer.write(Http.head(200, headers));
    return peer.within();
  }

  @Override
  public void end() {} // the end of the bytes says it
}
