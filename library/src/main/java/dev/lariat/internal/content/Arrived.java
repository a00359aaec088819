package dev.lariat.internal.content;

import dev.lariat.internal.codec.Gathered;
import java.nio.ByteBuffer;

/** What arrived and was not read yet. */
final class Arrived implements Source {
  private final Gathered bytes = new Gathered();

  void add(ByteBuffer part) {
    bytes.add(part);
  }

  @Override
  public int read(byte[] room) {
    return bytes.take(room);
  }

  @Override
  public void end() {}

  @Override
  public void release() {
    bytes.clear();
  }
}
