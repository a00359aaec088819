package dev.lariat.internal.entrance;

import dev.lariat.Mailbox;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Closes what is opened on a thread. The run of a supervisor's child is one. Whatever is opened
 * calls {@link #adopt}, and need not know who closes it.
 */
public abstract class Adoption {
  /**
   * The adoption of each thread. A thread-local, since every {@code open} asks for it, and a shared
   * map would be contended.
   */
  private static final ThreadLocal<@Nullable Adoption> CURRENT = new ThreadLocal<>();

  private static final Map<Class<?>, Function<Object, CompletableFuture<?>>> ENDS =
      new ConcurrentHashMap<>();

  /** An adoption's hold on one object that was opened, by which the object is closed. */
  public interface Hold {
    /** That on an object which nobody has adopted. */
    Hold NONE =
        new Hold() {
          @Override
          public void opened() {}

          @Override
          public void release() {}
        };

    /** It is open, and may be closed from now on. It is closed at once if that is due already. */
    void opened();

    /** Lets go of it. */
    void release();
  }

  /**
   * Lets this thread's adoption close the object, if there is one. Everything that is opened calls
   * this first. It calls {@code opened} of the hold when it is open, and {@code release} if opening
   * has failed.
   *
   * @param mailbox one that was made for the object
   * @param ended completes when the object has ended, and is held no longer; null if it has ended
   *     when its {@code close} returns
   * @throws dev.lariat.FailedException if the adoption is over: it shall open nothing more
   */
  public static Hold adopt(
      AutoCloseable opened, @Nullable Mailbox mailbox, @Nullable CompletableFuture<?> ended) {
    Adoption adoption = CURRENT.get();
    return adoption == null ? Hold.NONE : adoption.hold(opened, mailbox, ended);
  }

  /** Begins to hold this; see {@link #adopt}. */
  protected abstract Hold hold(
      AutoCloseable opened, @Nullable Mailbox mailbox, @Nullable CompletableFuture<?> ended);

  /** The adoption of the current thread. */
  public static @Nullable Adoption current() {
    return CURRENT.get();
  }

  /** Makes this the adoption of the current thread, and returns the one before. */
  public static @Nullable Adoption enter(@Nullable Adoption next) {
    Adoption before = CURRENT.get();
    if (next == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(next);
    }
    return before;
  }

  /**
   * Says how the end of the instances of a class is known. The class does so in its static
   * initializer, so it is known of every instance.
   */
  public static <T extends AutoCloseable> void endsBy(
      Class<T> type, Function<T, CompletableFuture<?>> ended) {
    ENDS.put(type, any -> ended.apply(type.cast(any)));
  }

  /** Completes when this has ended; null if that is not known before its {@code close} returns. */
  public static @Nullable CompletableFuture<?> endOf(AutoCloseable resource) {
    Function<Object, CompletableFuture<?>> ended = ENDS.get(resource.getClass());
    return ended == null ? null : ended.apply(resource);
  }
}
