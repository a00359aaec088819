package dev.lariat.fleet.pekko;

import java.nio.ByteBuffer;
import org.apache.pekko.cluster.sharding.ShardRegion;

/**
 * What sharding carries: bytes that begin with the number of a slot. A request follows; without
 * one, the slot is only to be started.
 */
final class Messages implements ShardRegion.MessageExtractor {
  static final int SLOT_BYTES = 4;

  private final int slots;

  Messages(int slots) {
    this.slots = slots;
  }

  static byte[] to(int slot, byte[] request) {
    return ByteBuffer.allocate(SLOT_BYTES + request.length).putInt(slot).put(request).array();
  }

  static byte[] start(int slot) {
    return to(slot, new byte[0]);
  }

  /** Null if it is for no slot of this fleet, as Pekko wants it. */
  @Override
  @SuppressWarnings("NullAway")
  public String entityId(Object message) {
    if (message instanceof byte[] bytes && bytes.length >= SLOT_BYTES) {
      int slot = ByteBuffer.wrap(bytes).getInt();
      return slot >= 0 && slot < slots ? Integer.toString(slot) : null;
    }
    return null;
  }

  @Override
  public Object entityMessage(Object message) {
    return message;
  }

  /** Each slot is a shard: it moves alone. */
  @Override
  public String shardId(Object message) {
    return entityId(message);
  }
}
