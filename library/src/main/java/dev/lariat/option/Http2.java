package dev.lariat.option;

import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How a connection speaks HTTP/2 (RFC 9113). */
public final class Http2 {

  /** The defaults of every option. */
  public static final Http2 DEFAULT = new Http2(new Values());

  private final Values values;

  private Http2(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return how many bytes of a response's body the server may send before you read any} */
  public int streamWindow() {
    return values.streamWindow;
  }

  /**
   * Sets how many bytes of a response's body the server may send before you read any of them, and
   * so how much memory an unread response uses: 65535 to 2^31-1, 256 KiB by default. The window
   * grows up to {@code maxStreamWindow} if the server uses it up within two round trips. If both
   * options are equal, it does not grow.
   *
   * @param bytes the number of bytes
   * @return a copy of these options with this value
   */
  public Http2 streamWindow(int bytes) {
    return with(draft -> draft.streamWindow = bytes);
  }

  /** {@return the largest size of a stream's window, in bytes} */
  public int maxStreamWindow() {
    return values.maxStreamWindow;
  }

  /**
   * Sets the largest size of a stream's window, in bytes: {@code streamWindow} to 2^31-1, 8 MiB by
   * default.
   *
   * @param bytes the number of bytes
   * @return a copy of these options with this value
   */
  public Http2 maxStreamWindow(int bytes) {
    return with(draft -> draft.maxStreamWindow = bytes);
  }

  /** {@return how many streams may be open at a time} */
  public int maxStreams() {
    return values.maxStreams;
  }

  /**
   * Sets how many streams may be open at a time: 1 to 1000000, 1000 by default. The server has a
   * limit too, which is usually 100 or 128. Further requests wait, up to {@code
   * limits.heldCommands}.
   *
   * @param streams the number of streams
   * @return a copy of these options with this value
   */
  public Http2 maxStreams(int streams) {
    return with(draft -> draft.maxStreams = streams);
  }

  /** {@return whether the server may push responses} */
  public boolean push() {
    return values.push;
  }

  /**
   * Sets whether the server may push responses to requests that you did not make (RFC 9113 section
   * 8.4); off by default. Each promise arrives as a {@code Push} at the receiver of the request
   * that it comes with. If push is off, a server that pushes breaks a rule, and the connection
   * ends.
   *
   * @param push whether the server may push
   * @return a copy of these options with this value
   */
  public Http2 push(boolean push) {
    return with(draft -> draft.push = push);
  }

  /** {@return how many pushed responses there may be at a time} */
  public int maxPushes() {
    return values.maxPushes;
  }

  /**
   * Sets how many pushed responses there may be at a time, from their promises to their ends: 1 to
   * 10000, 100 by default. The server is told so by {@code MAX_CONCURRENT_STREAMS}. Further
   * promises are refused with {@code REFUSED_STREAM}, and you do not see them.
   *
   * @param pushes the number of pushed responses
   * @return a copy of these options with this value
   */
  public Http2 maxPushes(int pushes) {
    return with(draft -> draft.maxPushes = pushes);
  }

  /** {@return how a dead server is detected while streams are open} */
  public Optional<Keepalive> keepalive() {
    return values.keepalive;
  }

  /**
   * Sets how a dead server is detected while streams are open. After a silence, Lariat sends a PING
   * (RFC 9113 section 6.7), and the server must answer it in time. Off by default, because some
   * servers, mostly for gRPC, close a connection that sends many PINGs.
   *
   * @param keepalive when pings are sent
   * @return a copy of these options with this value
   */
  public Http2 keepalive(Keepalive keepalive) {
    return with(draft -> draft.keepalive = Range.some("keepalive", keepalive));
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
    boolean push;
    int maxPushes = 100;

    @Override
    void check() {
      Range.check("http2.streamWindow", streamWindow, 65_535, Integer.MAX_VALUE);
      Range.check("http2.maxStreamWindow", maxStreamWindow, streamWindow, Integer.MAX_VALUE);
      Range.check("http2.maxStreams", maxStreams, 1, 1_000_000);
      Range.check("http2.maxPushes", maxPushes, 1, 10_000);
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "streamWindow", streamWindow,
        "maxStreamWindow", maxStreamWindow,
        "maxStreams", maxStreams,
        "keepalive", keepalive,
        "push", push,
        "maxPushes", maxPushes
      };
    }
  }
}
