package dev.lariat;

import dev.lariat.internal.protocol.Inbox;
import dev.lariat.message.Message;
import dev.lariat.message.StreamRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The inbox of a request that is posted before its channel exists. It keeps what comes until the
 * channel takes over. Only the loop uses it.
 */
final class EarlyInbox implements Inbox {
  private final List<Message> kept = new ArrayList<>(0);

  /** Where messages go; null until the channel takes over. */
  private @Nullable Inbox channel;

  /** What has come goes to this inbox, and all that follows. */
  void to(Inbox channel) {
    this.channel = channel;
    Message[] batch = kept.toArray(new Message[0]);
    kept.clear();
    channel.put(batch, batch.length);
  }

  @Override
  public void put(Message[] batch, int count) {
    if (channel != null) {
      channel.put(batch, count);
    } else {
      kept.addAll(Arrays.asList(batch).subList(0, count));
    }
  }

  @Override
  public void drop(StreamRef stream) {
    if (channel != null) {
      channel.drop(stream);
    }
  }

  @Override
  public void goodbye() {
    if (channel != null) {
      channel.goodbye();
    }
  }

  @Override
  public boolean leaves() {
    return channel != null && channel.leaves();
  }

  @Override
  public boolean full() {
    return channel != null && channel.full();
  }

  @Override
  public void whenRoom(Runnable action) {
    if (channel != null) {
      channel.whenRoom(action);
    } else {
      action.run();
    }
  }
}
