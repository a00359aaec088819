package dev.lariat.internal.entrance;

import dev.lariat.message.Down;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Push;
import dev.lariat.message.Retrying;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Up;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What connections have put into a mailbox, and its reader has not taken over yet. It counts all
 * that was put since the beginning, and keeps out what nobody wants.
 *
 * <p>It has no lock. The mailbox calls it under its own.
 */
public final class Incoming {
  static final int FIRST = 4; // the length of a new mailbox's arrays

  private @Nullable Message[] messages = new Message[FIRST];
  private int count; // how many messages are here
  private long bytes; // the bytes in all messages that were put, without those that were dropped
  private long states; // how many states of connections were put, without those that were dropped
  private final Set<StreamRef> forgotten = // weak, since the end of one may have been read before
      new WeakSet<>();

  /** Whether so many more messages need a longer array. */
  public boolean mustGrowFor(int more) {
    return count + more > messages.length;
  }

  /**
   * Adds a batch, without what nobody wants.
   *
   * @param weight of the batch, by {@link Weight}
   */
  public void add(Message[] batch, int size, long weight) {
    if (mustGrowFor(size)) {
      messages = Arrays.copyOf(messages, Math.max(2 * messages.length, count + size));
    }
    if (forgotten.isEmpty()) {
      System.arraycopy(batch, 0, messages, count, size);
      count += size;
      bytes += weight;
      for (int i = 0; i < size; i++) {
        states += isState(batch[i]) ? 1 : 0;
      }
    } else {
      addWanted(batch, size);
    }
  }

  private void addWanted(Message[] batch, int size) {
    for (int i = 0; i < size; i++) {
      if (!isForgotten(batch[i])) {
        messages[count++] = batch[i];
        bytes += Weight.of(batch[i]);
        states += isState(batch[i]) ? 1 : 0;
      }
    }
  }

  /** How many messages are here. */
  public int count() {
    return count;
  }

  /** The bytes in all messages that were put since the beginning and not dropped from here. */
  public long bytes() {
    return bytes;
  }

  /** How many states of connections were put since the beginning and not dropped from here. */
  public long states() {
    return states;
  }

  // ---- what nobody wants

  /** Keeps out the messages of this stream that are to come, up to its end. */
  public void forget(StreamRef stream) {
    forgotten.add(stream);
  }

  /** Whether nobody wants this message. The end of a stream is the last of it to ask for. */
  public boolean isForgotten(Message message) {
    boolean dropped =
        message instanceof Message.OfStream of
            && (of.ends() ? forgotten.remove(of.stream()) : forgotten.contains(of.stream()));
    return dropped(message, dropped);
  }

  /** Nobody hears of what a dropped promise is of. */
  private boolean dropped(Message message, boolean dropped) {
    if (dropped && message instanceof Push push) {
      forget(push.promised());
    }
    return dropped;
  }

  /** Drops what is here of this stream, but not its end. */
  public void drop(StreamRef stream) {
    Set<StreamRef> its = Set.of(stream);
    drop(message -> isForgotten(message) || isLeft(message, its), Integer.MAX_VALUE);
  }

  /** Drops this many of the oldest states of connections, or all of them if there are fewer. */
  public void dropStates(long most) {
    if (most > 0) {
      drop(Incoming::isState, most);
    }
  }

  private void drop(Predicate<Message> which, long most) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      Message message = Objects.requireNonNull(messages[i]);
      if (i - kept < most && which.test(message)) {
        bytes -= Weight.of(message);
        states -= isState(message) ? 1 : 0;
      } else {
        messages[kept++] = message;
      }
    }
    Arrays.fill(messages, kept, count, null);
    count = kept;
  }

  /** Whether a message is of one of these streams, and not its end. */
  public boolean isLeft(Message message, Set<StreamRef> streams) {
    boolean left =
        message instanceof Message.OfStream of && !of.ends() && streams.contains(of.stream());
    return dropped(message, left);
  }

  /** Whether the next message of its kind replaces it: all of a connection's own but its end. */
  static boolean isState(Message message) {
    return message instanceof Retrying // each a class of its own, which costs the writers nothing
        || message instanceof Up
        || message instanceof Down
        || message instanceof Notice;
  }

  // ---- taken over

  /** Gives the array with all that is here away, for one that is empty. */
  @Nullable Message[] exchange(@Nullable Message[] emptied) {
    @Nullable Message[] full = messages;
    messages = emptied;
    count = 0;
    return full;
  }

  /** Moves all that is here into another array. */
  void moveTo(@Nullable Message[] target, int at) {
    System.arraycopy(messages, 0, target, at, count);
    Arrays.fill(messages, 0, count, null);
    count = 0;
  }
}
