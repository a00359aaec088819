package dev.lariat.option;

import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How HTTP/2 is spoken (RFC 9113). */
public final class Http2 {

  /** HTTP/2 as it is meant. */
  public static final Http2 DEFAULT = new Http2(new Values());

  private final Values values;

  private Http2(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return how many bytes of a response's body the server may send before any is told} */
  public int streamWindow() {
    return values.streamWindow;
  }

  /**
   * Sets how many bytes of a response's body the server may send before any of them is told, and so
   * how much an unread response keeps: 65535 to 2^31-1, 256 KiB by default. The window grows up to
   * {@code maxStreamWindow} if the server uses it up within two round trips; of two equal ones it
   * does not.
   *
   * @param bytes the number of bytes
   * @return a copy of these options with this value
   */
  public Http2 streamWindow(int bytes) {
    return with(draft -> draft.streamWindow = bytes);
  }

  /** {@return the size that the window of a stream may grow to, in bytes} */
  public int maxStreamWindow() {
    return values.maxStreamWindow;
  }

  /**
   * Sets the size that the window of a stream may grow to, in bytes: {@code streamWindow} to
   * 2^31-1, 8 MiB by default.
   *
   * @param bytes the number of bytes
   * @return a copy of these options with this value
   */
  public Http2 maxStreamWindow(int bytes) {
    return with(draft -> draft.maxStreamWindow = bytes);
  }

  /** {@return how many streams there may be at a time} */
  public int maxStreams() {
    return values.maxStreams;
  }

  /**
   * Sets how many streams there may be at a time: 1 to 1000000, 1000 by default. The server has a
   * limit, too, mostly of 100 or 128. Further requests wait, up to {@code limits.heldCommands}.
   *
   * @param streams the number of streams
   * @return a copy of these options with this value
   */
  public Http2 maxStreams(int streams) {
    return with(draft -> draft.maxStreams = streams);
  }

  /** {@return how a dead server is found while there are streams} */
  public Optional<Keepalive> keepalive() {
    return values.keepalive;
  }

  /**
   * Sets how a dead server is found while there are streams: by a PING (RFC 9113 section 6.7) after
   * a silence, whose answer must come in time. Never by default, since some servers, mostly of
   * gRPC, end a connection on which many PINGs come.
   *
   * @param keepalive when pings are sent
   * @return a copy of these options with this value
   */
  public Http2 keepalive(Keepalive keepalive) {
    return with(draft -> draft.keepalive = Optional.of(keepalive));
  }

  private Http2 with(Consumer<Values> change) {
    return new Http2(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Http2 its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "Http2" + values;
  }

  private static final class Values extends Draft<Values> {
    int streamWindow = 256 << 10;
    int maxStreamWindow = 8 << 20;
    int maxStreams = 1000;
    Optional<Keepalive> keepalive = Optional.empty();

    @Override
    void check() {
      Range.check("http2.streamWindow", streamWindow, 65_535, Integer.MAX_VALUE);
      Range.check("http2.maxStreamWindow", maxStreamWindow, streamWindow, Integer.MAX_VALUE);
      Range.check("http2.maxStreams", maxStreams, 1, 1_000_000);
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "streamWindow", streamWindow,
        "maxStreamWindow", maxStreamWindow,
        "maxStreams", maxStreams,
        "keepalive", keepalive
      };
    }
  }
}
