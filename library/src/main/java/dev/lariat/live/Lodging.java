package dev.lariat.live;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.entrance.Pooling;
import dev.lariat.internal.transport.Loop;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import org.jspecify.annotations.Nullable;

/**
 * How a session comes to a stream of a client's pool. The pool answers on any thread, and the
 * answer is taken on the live connection's loop: what was granted begins there, or is given back.
 */
final class Lodging implements Pooling.Guest {
  static final Reason NO_ROOM =
      new Reason.Unprocessed("it waits until a connection of its client has room for it");

  private final Pooling pooling;
  private final LiveSession<?, ?> session;
  private final Loop loop;
  private final HttpUri uri;
  private final ConnectionOptions how;
  private Pooling.@Nullable Claim claim; // null before it wants, and when it is answered
  private boolean reused;

  Lodging(
      Pooling pooling, LiveSession<?, ?> session, Loop loop, HttpUri uri, ConnectionOptions how) {
    this.pooling = pooling;
    this.session = session;
    this.loop = loop;
    this.uri = uri;
    this.how = how;
  }

  /** Wants a stream. */
  void want() {
    claim = pooling.want(uri, how, this);
  }

  /** Wants none any more. */
  void cancel() {
    Pooling.Claim its = claim;
    if (its != null) {
      claim = null;
      its.cancel();
    }
  }

  /** Whether its connection carried something before. */
  boolean isReused() {
    return reused;
  }

  /** It begins once more at once. */
  void repeats() {
    pooling.repeated(uri);
  }

  @Override
  public void granted(Pooling.Grant grant) {
    loop.execute(() -> session.turn(() -> begin(grant)));
  }

  @Override
  public void refused(Reason reason) {
    loop.execute(() -> session.turn(() -> session.unserved(reason)));
  }

  private void begin(Pooling.Grant grant) {
    claim = null;
    Connection connection = grant.connection();
    if (session.hasEnded()) {
      grant.giveBack();
      return;
    }
    if (session.hasAnotherOn(connection)) { // a rotation renews the connection, too
      grant.renew();
      want();
      return;
    }
    reused = grant.reused();
    Loop its = Core.get().door(connection).loop();
    Crossing crossing = its == loop ? null : new Crossing(loop, session);
    try {
      session.begin(connection, crossing == null ? session : crossing);
    } catch (FailedException e) {
      unused(crossing);
      if (Core.get().door(connection).ended().isDone()) {
        grant.tooLate();
        want();
      } else {
        grant.giveBack();
        session.unserved(e.reason());
      }
    } catch (RuntimeException e) { // what its endpoint says does not fit the options
      unused(crossing);
      grant.giveBack();
      session.unserved(new Reason.EndpointThrew(e));
    }
  }

  /** No stream has begun, so nothing will come that way. */
  private static void unused(@Nullable Crossing crossing) {
    if (crossing != null) {
      crossing.leave();
    }
  }
}
