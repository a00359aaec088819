package dev.lariat.internal.connection;

import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.Lane;
import dev.lariat.internal.protocol.SentFile;
import dev.lariat.message.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * A lane that has ended: nothing comes, and what is written goes nowhere.
 *
 * @param why what becomes of what is written
 */
record EndedLane(Reason why) implements Lane {
  @Override
  public ByteBuf room(int bytes) {
    return Unpooled.buffer(bytes);
  }

  @Override
  public void write(ByteBuf bytes) {
    bytes.release();
  }

  @Override
  public void write(SentFile file, long position, long size) {}

  @Override
  public void follow(Fate fate) {
    fate.lost(why);
  }

  @Override
  public boolean writable() {
    return false;
  }

  @Override
  public void wanted(boolean wanted) {}

  @Override
  public long unreadUntil() {
    return Engine.NEVER;
  }

  @Override
  public void allowHalfClose() {}

  @Override
  public void endOutput() {}

  @Override
  public void end(Reason reason) {}
}
