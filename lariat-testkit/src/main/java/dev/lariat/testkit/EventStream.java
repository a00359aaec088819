package dev.lariat.testkit;

import java.io.IOException;
import java.time.Duration;

/**
 * A response of server-sent events (HTML living standard, section 9.2). Each method writes at once,
 * in a separate chunk. Use it on the script's thread only. It throws like its {@link Visit}, and an
 * {@link IllegalArgumentException} for an id or a type with more than one line.
 */
public final class EventStream {
  private final Reply reply;

  EventStream(Reply reply) {
    this.reply = reply;
  }

  /**
   * Sends an event of the type {@code message} without an id.
   *
   * @param data the data; it may have several lines
   * @throws IOException if the client is gone
   */
  public void send(String data) throws IOException {
    reply.write(lines("data", data) + "\n");
  }

  /**
   * Sends an event of the type {@code message} with this id.
   *
   * @param id the id of the event
   * @param data the data; it may have several lines
   * @throws IOException if the client is gone
   */
  public void send(String id, String data) throws IOException {
    reply.write(line("id", id) + lines("data", data) + "\n");
  }

  /**
   * Sends an event of this type with this id.
   *
   * @param id the id of the event
   * @param type the type of the event
   * @param data the data; it may have several lines
   * @throws IOException if the client is gone
   */
  public void send(String id, String type, String data) throws IOException {
    reply.write(line("id", id) + line("event", type) + lines("data", data) + "\n");
  }

  /**
   * Asks the client to wait this long before it requests the stream again, in whole milliseconds.
   *
   * @param wait zero to 365 days; fractions of a millisecond are dropped
   * @throws IOException if the client is gone
   */
  public void retry(Duration wait) throws IOException {
    Range.nanos("wait", wait);
    reply.write("retry: " + wait.toMillis() + "\n\n");
  }

  /**
   * Sends a comment, which only keeps the connection alive.
   *
   * @param text one line
   * @throws IOException if the client is gone
   */
  public void comment(String text) throws IOException {
    reply.write(lines("", text) + "\n");
  }

  /**
   * Ends the response. The connection continues.
   *
   * @throws IOException if the client is gone
   */
  public void end() throws IOException {
    reply.end();
  }

  private static String line(String field, String value) {
    if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0) {
      throw new IllegalArgumentException(field + ": \"" + value + "\", allowed one line");
    }
    return field + ": " + value + "\n";
  }

  private static String lines(String field, String text) {
    StringBuilder all = new StringBuilder();
    for (String line : text.split("\r\n|\r|\n", -1)) {
      all.append(field).append(": ").append(line).append('\n');
    }
    return all.toString();
  }
}
