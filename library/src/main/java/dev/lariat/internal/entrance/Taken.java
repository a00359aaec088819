package dev.lariat.internal.entrance;

import dev.lariat.message.Message;
import dev.lariat.message.StreamRef;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the reader of a mailbox has taken over from the writers, and not read yet. Only the one
 * thread that reads changes it: it removes messages without a lock, and does the rest under the
 * mailbox's lock.
 *
 * <p>Three counters go to the writers without the lock: {@code from}, {@code bytes} and {@code
 * states}. The reader writes them with release, and {@link #count}, {@link #bytes} and {@link
 * #states} read them with acquire. A writer may see old values, and then it counts messages that
 * were just removed; between two of the counters it may miss one.
 */
public final class Taken {
  private static final VarHandle FROM = field("from", int.class);
  private static final VarHandle BYTES = field("bytes", long.class);
  private static final VarHandle STATES = field("states", long.class);

  private static VarHandle field(String name, Class<?> type) {
    try {
      return MethodHandles.lookup().findVarHandle(Taken.class, name, type);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the field stands in this class", e);
    }
  }

  private @Nullable Message[] messages = new Message[Incoming.FIRST];
  private int from; // the index of the next message; written without the lock, with release
  private int end; // the index after the last message; written under the lock only
  private long bytes; // the bytes in all messages that were removed; written like "from"
  private long states; // how many states of connections were removed; written like "from"

  // ---- for the reader, without the lock

  /** Whether there is nothing to read. */
  public boolean isEmpty() {
    return from == end;
  }

  /** How many messages there are to read. */
  public int left() {
    return end - from;
  }

  /** Removes the next message. */
  public Message next() {
    Message message = Objects.requireNonNull(messages[from]);
    removeFirst(message);
    return message;
  }

  /**
   * Removes the first message of this stream.
   *
   * @param searched how many messages from the first one on are known to be of others
   * @return null if there is none
   */
  public Message.@Nullable OfStream next(StreamRef stream, int searched) {
    for (int at = from + searched; at < end; at++) {
      if (messages[at] instanceof Message.OfStream message && message.stream() == stream) {
        System.arraycopy(messages, from, messages, from + 1, at - from);
        removeFirst(message);
        return message;
      }
    }
    return null;
  }

  /** Removes the next message, and publishes the freed slot to the writers without the lock. */
  private void removeFirst(Message removed) {
    messages[from] = null;
    FROM.setRelease(this, from + 1);
    BYTES.setRelease(this, bytes + Weight.of(removed));
    if (Incoming.isState(removed)) {
      STATES.setRelease(this, states + 1);
    }
  }

  // ---- for the reader, under the lock

  /** Takes over all that has come, after what was taken before. */
  public void takeOver(Incoming incoming) {
    int more = incoming.count();
    if (from == end) {
      messages = incoming.exchange(messages);
      from = 0;
      end = more;
      return;
    }
    int left = end - from;
    @Nullable Message[] joined =
        left + more <= messages.length ? messages : new Message[2 * (left + more)];
    System.arraycopy(messages, from, joined, 0, left);
    incoming.moveTo(joined, left);
    if (joined == messages && end > left + more) {
      Arrays.fill(messages, left + more, end, null);
    }
    messages = joined;
    from = 0;
    end = left + more;
  }

  /** Removes all messages that are like this, and says how many they were. */
  public int drop(Predicate<Message> which) {
    int kept = from;
    for (int i = from; i < end; i++) {
      Message message = Objects.requireNonNull(messages[i]);
      if (which.test(message)) {
        bytes += Weight.of(message);
        states += Incoming.isState(message) ? 1 : 0;
      } else {
        messages[kept++] = message;
      }
    }
    int dropped = end - kept;
    Arrays.fill(messages, kept, end, null);
    end = kept;
    return dropped;
  }

  // ---- for writers, under the lock

  /** How many messages there are. */
  public int count() {
    return end - (int) FROM.getAcquire(this);
  }

  /** The bytes in all messages that were removed since the beginning. */
  public long bytes() {
    return (long) BYTES.getAcquire(this);
  }

  /** How many states of connections were removed since the beginning. */
  public long states() {
    return (long) STATES.getAcquire(this);
  }
}
