package dev.lariat.internal.connection;

import dev.lariat.event.ConnectionInfo;
import dev.lariat.internal.protocol.Observer;
import dev.lariat.internal.transport.Carrier;
import dev.lariat.internal.transport.Dialer;
import dev.lariat.internal.transport.Loop;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Reason;
import dev.lariat.message.TunnelUp;
import dev.lariat.option.ConnectionOptions;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a connection is doing, and all that it knows for that. */
sealed interface State {

  /** The state's name in what the user is shown. */
  ConnectionInfo.State shown();

  /**
   * A connection that was made.
   *
   * @param outlet the lane on its channel
   * @param root the engine on that lane
   * @param since when it was made
   */
  record Link(Channel channel, Outlet outlet, Hosting root, long since) {
    /** When to call {@link #elapsed}. */
    long deadline() {
      long hosted = Math.min(root.deadline(), root.nested().deadline());
      return Math.min(outlet.watch().deadline(), hosted);
    }

    /** A deadline of this link has come, or an earlier time. */
    void elapsed(long now, Duration writeTimeout) {
      WriteWatch watch = outlet.watch();
      if (now >= watch.deadline() && watch.isStuck(outlet.unreadUntil(), now)) {
        root.fail(new Reason.Timeout(Reason.Step.WRITE, writeTimeout));
      }
      root.elapsed();
      root.nested().elapsed(now);
    }
  }

  /** There is a connection. */
  sealed interface Linked extends State {
    Link link();
  }

  /** An attempt runs. Its outcome counts only as long as this is the connection's state. */
  final class Dialing implements State, Dialer.Outcome {
    private final Actor connection;
    private final long due;
    private final Optional<Reason> before;
    private Dialer.@Nullable Attempt attempt; // once it has begun

    /**
     * An attempt that is to begin.
     *
     * @param due when the policy's own attempt is due: later than now if this one is out of turn
     * @param before why the attempt before it failed, or the connection was lost; empty if there
     *     was none, or it ended in good order
     */
    Dialing(Actor connection, long due, Optional<Reason> before) {
      this.connection = connection;
      this.due = due;
      this.before = before;
    }

    long due() {
      return due;
    }

    void began(Dialer.Attempt attempt) {
      this.attempt = attempt;
    }

    Optional<Reason> whyNotUp() {
      return before.isPresent() || attempt == null ? before : attempt.soFar();
    }

    void cancel() {
      if (attempt != null) {
        attempt.cancel();
      }
    }

    @Override
    public void connected(Channel channel) {
      connection.connected(this, channel);
    }

    @Override
    public void tunnelUp(TunnelUp opened) {
      connection.tunnelUp(this, opened);
    }

    @Override
    public Carrier carrier(
        Channel channel, Loop loop, ConnectionRef ref, ConnectionOptions options) {
      return Carriage.on(channel, loop, ref, options);
    }

    @Override
    public void failed(Reason reason) {
      connection.failed(this, reason);
    }

    @Override
    public Observer observer() {
      return connection.observer();
    }

    @Override
    public ConnectionInfo.State shown() {
      return ConnectionInfo.State.DIALING;
    }
  }

  /** Established. */
  record Up(Link link) implements Linked {
    @Override
    public ConnectionInfo.State shown() {
      return ConnectionInfo.State.UP;
    }
  }

  /** The engine has ended for this reason, and the peer's end is awaited. */
  record Closing(Link link, Reason reason) implements Linked {
    @Override
    public ConnectionInfo.State shown() {
      return ConnectionInfo.State.CLOSING;
    }
  }

  /**
   * There is no link, and the next attempt is still to come.
   *
   * @param due when it begins
   * @param reason why there is no connection
   * @param failed whether an attempt failed, or a link did not end in good order
   * @param unharmed whether it was an HTTP connection that took no request with it
   */
  record Waiting(long due, Reason reason, boolean failed, boolean unharmed) implements State {
    /** Why the attempt before the next one failed; empty if there was a connection since. */
    Optional<Reason> failure() {
      return failed ? Optional.of(reason) : Optional.empty();
    }

    @Override
    public ConnectionInfo.State shown() {
      return ConnectionInfo.State.WAITING;
    }
  }

  /** There will be no link any more. */
  sealed interface Ended extends State {
    /** Why. */
    Reason reason();
  }

  /** What the last link has left is still told. */
  record Finishing(Reason reason) implements Ended {
    @Override
    public ConnectionInfo.State shown() {
      return ConnectionInfo.State.CLOSING;
    }
  }

  /** The connection has ended for good. */
  record Terminated(Reason reason) implements Ended {
    @Override
    public ConnectionInfo.State shown() {
      return ConnectionInfo.State.TERMINATED;
    }
  }
}
