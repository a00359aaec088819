package dev.lariat.testkit;

import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import java.time.Duration;

/**
 * What an {@link Origin} does on a connection: sequential, blocking code on a separate virtual
 * thread. When it returns, the origin ends its side of the connection cleanly.
 *
 * <p>If it throws, the test fails: see {@link Origin#check}. The exception is a {@link
 * ClientGoneException}, since a client can leave at any time.
 */
@FunctionalInterface
public interface Script {

  /**
   * Plays the script on an accepted connection.
   *
   * @param visit the client's visit
   * @throws Exception if it fails
   */
  void play(Visit visit) throws Exception;

  /**
   * Accepts the connection and sends nothing, so a client waits until its timeout.
   *
   * @return this script
   */
  static Script silent() {
    return Visit::awaitEnd;
  }

  /**
   * Answers every request with this status and nothing else.
   *
   * @param status 200 to 599
   * @return the script
   */
  static Script status(int status) {
    Visit.checkStatus(status, 200);
    return visit -> {
      while (visit.request() != null) {
        visit.respond(status);
      }
    };
  }

  /**
   * Answers every request with 503 and this {@code Retry-After} (RFC 9110 section 10.2.3).
   *
   * @param after 0 to 365 days, rounded up to whole seconds
   * @return the script
   */
  static Script unavailable(Duration after) {
    Visit.seconds(after);
    return visit -> {
      while (visit.request() != null) {
        visit.unavailable(503, after);
      }
    };
  }

  /**
   * Sends something that is not HTTP, and ends.
   *
   * @return the script
   */
  static Script garbage() {
    return visit -> {
      visit.request();
      visit.garbage();
    };
  }

  /** {@return a script that resets the connection at once, with a RST} */
  static Script reset() {
    return Visit::reset;
  }

  /**
   * Accepts a WebSocket and sends every message back.
   *
   * @return the script
   */
  static Script echo() {
    return visit -> {
      WebSocketVisit socket = visit.acceptWebSocket();
      for (Frame frame = socket.receive(); frame != null; frame = socket.receive()) {
        boolean message =
            !(frame instanceof Close || frame instanceof Ping || frame instanceof Pong);
        if (message) {
          socket.send(frame);
        }
      }
    };
  }
}
