package dev.lariat.testkit;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.testkit.internal.wire.Http2Frame;
import dev.lariat.testkit.internal.wire.Http2Talk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What a script can do only over HTTP/2 (RFC 9113). Use it on the script's thread only. It throws
 * like its {@link Visit}. Types, flags, parameters and error codes are the numbers of the RFC.
 */
public final class Http2Visit {
  private static final long REFUSED_STREAM = 7;

  private final Http2Talk talk;

  Http2Visit(Http2Talk talk) {
    this.talk = talk;
  }

  /**
   * Returns the number of the newest request's stream.
   *
   * @return the number of the stream
   * @throws IllegalStateException if there was no request
   * @throws IOException if the client is gone
   */
  public int stream() throws IOException {
    return Visit.step(talk::stream);
  }

  /**
   * Sets whether the origin acknowledges SETTINGS and PINGs and opens windows again whenever the
   * script reads or answers; true at first. If false, the client sees a silent server that accepts
   * at most one window of each body.
   *
   * @param automatic whether the origin does so
   */
  public void automatic(boolean automatic) {
    talk.automatic(automatic);
  }

  /**
   * Sends SETTINGS with one parameter (section 6.5): {@code settings(4, 0)} closes the windows of
   * all streams, {@code settings(3, 1)} allows one stream at a time. The first SETTINGS of a
   * connection also announce extended CONNECT, unless they are {@code settings(8, 0)}. To decide
   * what the client learns first, send them before you read a request.
   *
   * @param parameter its number, 1 to 65535
   * @param value 0 to 2^32-1; whether it is valid for its parameter is not checked
   * @throws IOException if the client is gone
   */
  public void settings(int parameter, long value) throws IOException {
    Range.within("parameter", parameter, 1, 0xffff);
    Visit.done(() -> talk.settings(Map.of(parameter, number("value", value))));
  }

  /**
   * Opens a window of the client (section 6.9). The origin also does this by itself: see {@link
   * #automatic}.
   *
   * @param stream the stream; 0 for the connection
   * @param increment 0 to 2^31-1, in bytes
   * @throws IOException if the client is gone
   */
  public void window(int stream, int increment) throws IOException {
    Range.atLeast("increment", increment, 0);
    Visit.done(() -> talk.window(stream, increment));
  }

  /**
   * Sends a PING (section 6.7) with these eight bytes.
   *
   * @param data the 8 bytes, as a number
   * @throws IOException if the client is gone
   */
  public void ping(long data) throws IOException {
    Visit.done(() -> talk.ping(data));
  }

  /**
   * Sends a GOAWAY (section 6.8): the origin does not act on requests whose streams come after this
   * one. The connection continues until the script or the client ends it.
   *
   * @param lastStream 0 to 2^31-1
   * @param code 0 to 2^32-1; 0 is NO_ERROR
   * @param debug an explanation for people
   * @throws IOException if the client is gone
   */
  public void goAway(int lastStream, long code, String debug) throws IOException {
    Range.atLeast("lastStream", lastStream, 0);
    byte[] words = debug.getBytes(StandardCharsets.UTF_8);
    Visit.done(() -> talk.goAway(lastStream, number("code", code), words));
  }

  /**
   * Resets the stream of the newest request (section 6.4).
   *
   * @param code 0 to 2^32-1
   * @throws IllegalStateException if there was no request
   * @throws IOException if the client is gone
   */
  public void reset(long code) throws IOException {
    Visit.done(() -> talk.reset(number("code", code)));
  }

  /**
   * Resets the stream of the newest request with REFUSED_STREAM: the origin did not act on it.
   *
   * @throws IOException if the client is gone
   */
  public void refuse() throws IOException {
    reset(REFUSED_STREAM);
  }

  /**
   * Whether the client lets this side push.
   *
   * @return whether it has switched push on, by {@code http2.push}
   * @throws IOException if the client is gone
   */
  public boolean pushes() throws IOException {
    return Visit.step(talk::pushes);
  }

  /**
   * Promises the response to a GET (section 8.4), with the newest request, which must not be
   * answered yet. The promise has the scheme and the authority of that request.
   *
   * @param target the path and query that would be requested
   * @param headers the further headers of the promised request
   * @return the number of the promised stream, for {@link #push}
   * @throws IllegalStateException if there was no request, it is answered, or the client has
   *     switched push off
   * @throws IOException if the client is gone
   */
  public int promise(String target, Headers headers) throws IOException {
    return Visit.step(() -> talk.promise(target, headers));
  }

  /**
   * Sends a promised response, as far as the client's windows allow. If the client refuses it or
   * gives it up, the rest of it is not sent.
   *
   * @param promised the number of the promised stream
   * @param status 200 to 599
   * @param headers the headers of the response
   * @param body the whole body
   * @return whether all of it was sent; false if it was pushed before
   * @throws IllegalStateException if no stream of this number was promised
   * @throws IOException if the client is gone
   */
  public boolean push(int promised, int status, Headers headers, Bytes body) throws IOException {
    Visit.checkStatus(status, 200);
    return Visit.step(() -> talk.push(promised, status, headers, body.toArray()));
  }

  /**
   * Sends any frame (section 4.1).
   *
   * @param type 0 to 255
   * @param flags 0 to 255
   * @param stream 0 to 2^31-1
   * @param payload the payload of the frame
   * @throws IOException if the client is gone
   */
  public void frame(int type, int flags, int stream, Bytes payload) throws IOException {
    Range.within("type", type, 0, 255);
    Range.within("flags", flags, 0, 255);
    Visit.done(() -> talk.frame(new Http2Frame(type, flags, stream, payload)));
  }

  private static long number(String argument, long value) {
    if (value < 0 || value > 0xffff_ffffL) {
      throw new IllegalArgumentException(argument + ": " + value + ", allowed 0 to 4294967295");
    }
    return value;
  }
}
