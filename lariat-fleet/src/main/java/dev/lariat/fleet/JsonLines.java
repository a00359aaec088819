package dev.lariat.fleet;

import dev.lariat.message.Binary;
import dev.lariat.message.Text;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** A line of JSON for each event, to a stream. */
record JsonLines(OutputStream stream, Lock lock) implements Sink {

  JsonLines(OutputStream stream) {
    this(stream, new ReentrantLock());
  }

  @Override
  public void write(Batch batch) throws IOException {
    byte[] lines = lines(batch);
    lock.lock();
    try {
      stream.write(lines);
      stream.flush();
    } finally {
      lock.unlock();
    }
  }

  /** The lines of a batch. */
  static byte[] lines(Batch batch) {
    StringBuilder lines = new StringBuilder();
    for (FeedEvent event : batch.events()) {
      member(lines.append('{'), "feed", event.feed());
      event.position().ifPresent(position -> member(lines.append(','), "position", position));
      member(lines.append(','), "at", event.at().toString());
      member(lines.append(','), "type", event.type());
      switch (event.data()) {
        case Text(var text) -> member(lines.append(','), "data", text);
        case Binary(var bytes) ->
            member(
                lines.append(','), "base64", Base64.getEncoder().encodeToString(bytes.toArray()));
        default -> throw new IllegalStateException("no event has a " + event.data());
      }
      lines.append("}\n");
    }
    return lines.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void member(StringBuilder line, String name, String value) {
    line.append('"').append(name).append("\":\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"', '\\' -> line.append('\\').append(c);
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append("\\t");
        default -> {
          // a terminal or a reader of lines may take more than LF for the end of a line
          boolean plain = c >= ' ' && c != 0x7f && c != 0x85 && c != 0x2028 && c != 0x2029;
          if (plain && !Character.isSurrogate(c)) {
            line.append(c);
          } else if (plain && isPair(value, i)) {
            line.append(c).append(value.charAt(++i));
          } else {
            line.append(String.format("\\u%04x", (int) c));
          }
        }
      }
    }
    line.append('"');
  }

  private static boolean isPair(String value, int i) {
    return i + 1 < value.length()
        && Character.isSurrogatePair(value.charAt(i), value.charAt(i + 1));
  }
}
