package dev.lariat.internal.protocol;

import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The logic of one protocol on one connection: values in, values out. An engine has no socket,
 * thread or clock, and is confined to its connection's event loop.
 *
 * <p>The time is what {@link Out#now} says, which does not change within a call. An engine says by
 * {@link #deadline()} when it wants to be called again, and may be called earlier.
 */
public interface Engine {

  /** What {@link #deadline()} says when there is none. */
  long NEVER = Long.MAX_VALUE;

  /** What it speaks. */
  Protocol protocol();

  /**
   * Begins, once, before any other call: the lane is there, and what waited for it may go out. What
   * the engine hears of from its constructor it does here.
   */
  void begin(Out out);

  /** Carries out a command of the owner's, or answers why not. */
  void command(Command.OfStream command, Out out);

  /** Asks the peer to answer, if the protocol has a way to ask that of a connection. */
  default void ping(Command.Ping ping, Out out) {
    ping.failed(new Reason.BadState("ping", "the connection speaks " + protocol()));
  }

  /**
   * Takes bytes from the peer, cut anywhere: at least one, and as many as are enough for a turn; it
   * is called again with the rest. The buffer stays the caller's. What an engine leaves in it when
   * it has asked for another engine is that one's.
   */
  void received(ByteBuf bytes, Out out);

  /** Other connections had their turn, as was asked by {@link Out#again}. */
  default void goOn(Out out) {}

  /**
   * Whether it keeps by itself what an inbox has no room for. If so, its lane is read also while
   * inboxes are full, and {@link #roomAgain} is called when one of them has room again.
   */
  default boolean holdsBack() {
    return false;
  }

  /** There is room again in an inbox that was full. */
  default void roomAgain(Out out) {}

  /** What was written is about to be flushed: the last moment to add to it. */
  default void flushing(Out out) {}

  /** The lane takes data again. */
  void writable(Out out);

  /**
   * The peer's side was cut off: TLS has ended without a close_notify (RFC 8446 section 6.1). So
   * what only the end of the lane would end is incomplete. {@link #inputClosed} follows.
   */
  default void inputCut(Out out) {}

  /** The peer has ended its side; nothing more arrives. */
  void inputClosed(Out out);

  /** The lane is closed both ways; {@link #inputClosed} may have been called before. */
  default void closed(Out out) {
    inputClosed(out);
  }

  /** This side has ended, as was asked by {@link Out#endOutput}: all that was written is out. */
  default void outputEnded(Out out) {}

  /** How many streams have begun here and not ended. */
  int streams();

  /** How many streams there may be at a time, if the peer limits that and has said how many. */
  default OptionalLong maxStreams() {
    return OptionalLong.empty();
  }

  /** Whether no more streams begin here, and the end follows that of those that have begun. */
  default boolean draining() {
    return false;
  }

  /** How many further streams it takes now. */
  default int room() {
    return 0;
  }

  /**
   * How many streams have begun here and not left it, or wait to begin. One whose end is told has
   * not left while a rest of it is sent, or is read to be thrown away.
   */
  default int occupied() {
    return streams();
  }

  /**
   * For how many nanoseconds without a stream the connection may be used, as far as the peer has
   * said so; {@link #NEVER} if it has not.
   */
  default long idleLimit() {
    return NEVER;
  }

  /** How a stream stands; null if it has not begun here, or has ended. */
  @Nullable Standing standing(StreamRef stream);

  /** What a stream waits for that has not begun, though there is a connection. */
  default Optional<Reason> whyWaiting(StreamRef stream) {
    return Optional.empty();
  }

  /**
   * Whether a stream has not begun because others leave no room for it, as far as the peer has said
   * how many it takes.
   */
  default boolean hasNoRoomFor(StreamRef stream) {
    return false;
  }

  /** Why nothing can be sent yet on a stream that has begun; empty if something can. */
  default Optional<Reason> whyNotOpen(StreamRef stream, long now) {
    return Optional.empty();
  }

  /** When to call {@link #elapsed}. */
  long deadline();

  /** The time has come, or an earlier one. */
  void elapsed(Out out);

  /** Says goodbye: finishes what runs, begins nothing, and asks for the end. */
  void shutdown(Out out);

  /**
   * Whether what arrives must be read even if the inboxes are full: nobody is told of it, or it is
   * the answer to an upgrade.
   */
  default boolean needsNoRoom() {
    return false;
  }

  /**
   * Whether an end now is no failure: the server has answered a request, and neither failed nor
   * turned this client away, or this side has no use for the link any more.
   */
  default boolean inGoodOrder() {
    return false;
  }

  /**
   * The connection is over. Gives every stream that has begun its final message, answers every
   * command that was not carried out, and frees what the engine holds; nothing is called after it.
   * An engine that {@link #holdsBack} may leave streams out that keep what came before the end. It
   * {@link #lingers} for them, on a lane that takes and gives nothing, until it asks for the end;
   * the second call ends them all.
   */
  Casualties end(Reason reason, Out out);

  /** Why its streams end when the connection ends for this reason. */
  default Reason cause(Reason end) {
    return end;
  }

  /** Whether it has ended, but for streams that keep what came before. */
  default boolean lingers() {
    return false;
  }

  /**
   * The streams that a connection's end took with it.
   *
   * @param killed those the server may have acted upon
   * @param unprocessed those it certainly did not
   */
  record Casualties(List<StreamRef> killed, List<StreamRef> unprocessed) {
    /** None. */
    public static final Casualties NONE = new Casualties(List.of(), List.of());

    /** These, after others that were killed. */
    public Casualties after(List<StreamRef> others) {
      if (others.isEmpty()) {
        return this;
      }
      List<StreamRef> all = new ArrayList<>(others);
      all.addAll(killed);
      return new Casualties(all, unprocessed);
    }
  }
}
