package dev.lariat.internal.connection;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.transport.Carrier;
import dev.lariat.internal.transport.Dialer;
import dev.lariat.internal.transport.Loop;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a proxy that carries another one: an {@link Actor} on a channel that is there
 * already. All its users are on its loop, so what is posted needs no lock.
 */
final class Carriage implements Carrier, Dialer, Dialer.Attempt, Inbox {
  private final Loop loop;
  private final Actor actor;
  private final Queue<Command> posted = new ArrayDeque<>(4);

  /** Whether a task is on the loop that carries out what is posted. */
  private boolean scheduled;

  /** Who waits for the channel; null before the actor has asked for it. */
  private Dialer.@Nullable Outcome outcome;

  /** Why it has ended; null if it has not. */
  private @Nullable Reason ended;

  private Carriage(Loop loop, ConnectionRef ref, ConnectionOptions options) {
    this.loop = loop;
    this.actor =
        new Actor(
            ref,
            options,
            new Engines(ref.authority(), options),
            this,
            loop,
            () -> 0, // it never retries, so it draws no delays
            this,
            this::carryOutPosted,
            this::terminated);
  }

  /** A connection on this channel, which is established when this call returns. */
  static Carriage on(Channel channel, Loop loop, ConnectionRef ref, ConnectionOptions options) {
    Carriage carriage = new Carriage(loop, ref, options);
    loop.retain();
    carriage.actor.start();
    if (carriage.outcome != null) {
      carriage.outcome.connected(channel);
    }
    return carriage;
  }

  // ---- commands

  @Override
  public boolean post(Command... commands) {
    if (ended != null) {
      return false;
    }
    for (Command command : commands) {
      posted.add(command);
    }
    if (!scheduled) {
      scheduled = true;
      loop.execute(this::carryOutPosted);
    }
    return true;
  }

  private void carryOutPosted() {
    if (scheduled) {
      scheduled = false;
      actor.begin();
      try {
        carryOut();
      } finally {
        actor.settle();
      }
    }
  }

  private void carryOut() {
    for (Command next = posted.poll(); next != null; next = posted.poll()) {
      actor.command(next);
    }
  }

  private void terminated(Reason reason) {
    ended = Actor.lastFailure(reason);
    carryOut(); // the actor refuses it
    loop.release();
  }

  @Override
  public Optional<Reason> ended() {
    return Optional.ofNullable(ended);
  }

  // ---- its dialer, which has the channel

  @Override
  public Dialer.Attempt dial(Loop loop, Dialer.Outcome outcome) {
    this.outcome = outcome;
    return this;
  }

  @Override
  public void cancel() {}

  // ---- its owner: what it reports reaches the streams, too

  @Override
  public void put(Message[] batch, int count) {}

  @Override
  public boolean full() {
    return false;
  }

  @Override
  public void whenRoom(Runnable action) {
    action.run();
  }
}
