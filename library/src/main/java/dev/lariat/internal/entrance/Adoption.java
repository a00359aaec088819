package dev.lariat.internal.entrance;

import dev.lariat.Mailbox;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Whoever closes what is opened on a thread: the run of a supervisor's child is one. What is opened
 * asks {@link #adopt} for it and need not know who that is.
 */
public abstract class Adoption {
  /**
   * For whom this thread works. Each {@code open} asks for it: a map by thread would be a lock for
   * all of them.
   */
  private static final ThreadLocal<@Nullable Adoption> CURRENT = new ThreadLocal<>();

  private static final Map<Class<?>, Function<Object, CompletableFuture<?>>> ENDS =
      new ConcurrentHashMap<>();

  /** Something that is closed by its adoption, where there is one. */
  public interface Hold {
    /** Of what nobody has adopted. */
    Hold NONE =
        new Hold() {
          @Override
          public void opened() {}

          @Override
          public void release() {}
        };

    /** It is open, and may be closed from now on; is at once, if that was wanted before. */
    void opened();

    /** Lets go of it. */
    void release();
  }

  /**
   * Has this closed by the adoption for which this thread works, if there is one: the hook for
   * everything that is opened. Call {@code opened} of the hold when it is open, and {@code release}
   * when it has failed to be.
   *
   * @param mailbox one that was made for it
   * @param ended completes when it has ended; then it is held no longer. Without, it has when its
   *     {@code close} has returned
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

  /** The one for which this thread works. */
  public static @Nullable Adoption current() {
    return CURRENT.get();
  }

  /** Makes this the one for which this thread works, and says which was that before. */
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
