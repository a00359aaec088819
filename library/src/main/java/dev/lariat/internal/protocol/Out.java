package dev.lariat.internal.protocol;

import dev.lariat.message.Reason;

/**
 * What an engine has effects by: the lane that it speaks on, those whom it tells, and what it asks
 * its connection for. Beside this it calls only what a command has brought with it, such as its
 * {@link Gate} and its {@link Fate}.
 *
 * <p><b>The law of nesting.</b> An engine may host other engines on its streams, each with its own
 * {@code Out} and its own lane. It calls a hosted engine when bytes come for that one's stream, and
 * does so last, when its own state is consistent.
 *
 * <ul>
 *   <li>No engine is entered twice: nothing that is called here leads back into the engine that
 *       calls, nor into one that hosts it. The lane of a hosted engine reaches the sending side of
 *       its host only.
 *   <li>What an engine asks for by {@link #become} happens when <em>its</em> call has returned, and
 *       changes its own lane only.
 *   <li>Only the connection's own engine is flushed, at the end of the turn. A hosted engine's
 *       writes go with it.
 *   <li>A user's code may run within an engine's call: a handler of frames, a publisher that is
 *       asked for more, an action that depends on a future, a receiver when messages are handed
 *       over early. It reaches no engine: it can only post commands, which are carried out when the
 *       call has returned.
 * </ul>
 */
public interface Out extends Lane, Teller {

  /**
   * Asks for a call of {@link Engine#goOn} when other connections had their turn and the inboxes
   * have room. The engine has done enough for now, and keeps what it has not read.
   */
  void again();

  /**
   * Whether this inbox is full. If so, an engine that holds back what it has no room for ({@link
   * Engine#holdsBack}) is called by {@link Engine#roomAgain} when it has room.
   */
  boolean full(Inbox inbox);

  /** Asks the connection to become something else, when the call of the engine has returned. */
  void become(Change change);

  /** Asks for the end, when the call of the engine has returned. */
  @Override
  default void end(Reason reason) {
    become(new Change.Close(reason));
  }

  /**
   * Hosts another engine on a stream of this one. It has begun when the call returns, and lives as
   * long as its lane and this engine do.
   *
   * @param start what is spoken there
   * @param lane the stream
   * @return whom to tell what comes on the stream
   */
  Host host(Change.Speak start, Lane lane);
}
