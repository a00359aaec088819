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
      JsonText line = new JsonText(lines).member("feed", event.feed());
      event.position().ifPresent(position -> line.member("position", position));
      line.member("at", event.at().toString()).member("type", event.type());
      switch (event.data()) {
        case Text(var text) -> line.member("data", text);
        case Binary(var bytes) ->
            line.member("base64", Base64.getEncoder().encodeToString(bytes.toArray()));
        default -> throw new IllegalStateException("no event has a " + event.data());
      }
      line.end();
      lines.append('\n');
    }
    return lines.toString().getBytes(StandardCharsets.UTF_8);
  }
}
