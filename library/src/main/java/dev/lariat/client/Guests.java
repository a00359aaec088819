package dev.lariat.client;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.entrance.Login;
import dev.lariat.internal.entrance.Pooling;
import dev.lariat.internal.pool.Wish;
import dev.lariat.internal.transport.Machine;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import java.time.Duration;
import java.util.Optional;

/**
 * What a {@link Client} gives to live connections.
 *
 * @param settings the client's, for its credentials
 * @param timeout how long each of them may wait for a connection
 */
record Guests(Pool pool, Settings settings, Duration timeout) implements Pooling {

  @Override
  public Machine machine() {
    return pool.machine();
  }

  @Override
  public ConnectionOptions options() {
    return pool.options();
  }

  @Override
  public ConnectionOptions options(HttpUri uri) {
    return pool.opening(uri);
  }

  @Override
  public Optional<Login> login(HttpUri uri) {
    return Optional.ofNullable(settings.logins().get(Settings.root(uri)));
  }

  @Override
  public void join(LiveRef ref, Member member) {
    pool.lives().join(ref, member);
  }

  @Override
  public void left(LiveRef ref) {
    pool.lives().left(ref);
  }

  @Override
  public void repeated(HttpUri uri) {
    pool.repeated(uri);
  }

  @Override
  public Claim want(HttpUri uri, ConnectionOptions how, Guest guest) {
    Place usual = Place.of(uri);
    Place place = how.equals(options(uri)) ? usual : new Place(usual.origin(), Optional.of(how));
    Want<Boolean> want =
        new Want<>(
            place,
            Wish.OWN,
            pool.deadline(timeout),
            (connection, link, reused) -> {
              guest.granted(new Room(pool, connection, link, reused));
              return true;
            });
    pool.want(want);
    want.begun()
        .whenComplete(
            (begun, failed) -> {
              if (failed != null) {
                refuse(guest, failed);
              }
            });
    return () -> pool.cancel(want);
  }

  private void refuse(Guest guest, Throwable failed) {
    guest.refused(
        failed instanceof FailedException its
            ? Pool.within(its.reason(), timeout)
            : new Reason.Fault(failed));
  }

  /** Room on a connection of the pool. */
  private record Room(Pool pool, Connection connection, long link, boolean reused)
      implements Grant {
    @Override
    public void giveBack() {
      pool.unused(link);
    }

    @Override
    public void tooLate() {
      pool.broken(link);
    }

    @Override
    public void renew() {
      pool.renew(link);
    }
  }
}
