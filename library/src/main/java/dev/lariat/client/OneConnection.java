package dev.lariat.client;

import dev.lariat.Connection;
import dev.lariat.Mailbox;
import dev.lariat.event.Trace;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.entrance.Await;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.entrance.Redirection;
import dev.lariat.internal.transport.Machine;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Request;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The connection of a {@link Caller}, and for other origins those that the user has, or one for the
 * time of the call.
 */
final class OneConnection implements Source {
  /**
   * No attempt but the first, and those that a call makes that finds no connection. With {@link
   * Backoff#NEVER} the connection would be gone if the first one fails before the request is there.
   */
  private static final Backoff BY_REQUESTS =
      Backoff.DEFAULT.delays(Duration.ofDays(365), Duration.ofDays(365)).jitter(false);

  private final Connection own;
  private final HttpUri home;
  private final Optional<Function<URI, Connection>> elsewhere;
  private final Map<String, Connection> others = new HashMap<>(); // by origin

  OneConnection(Connection own, Optional<Function<URI, Connection>> elsewhere) {
    this.own = own;
    this.home = Core.get().home(own);
    this.elsewhere = elsewhere;
  }

  @Override
  public Machine machine() {
    return Core.get().machine(own);
  }

  @Override
  public Begun begin(
      HttpUri uri, Request request, Mailbox mailbox, Duration left, boolean fresh, Trace trace) {
    return new Begun(Core.get().call(connection(uri), request, mailbox, trace), false);
  }

  @Override
  public ConnectionOptions optionsOf(HttpUri uri) {
    return Core.get().options(connection(uri));
  }

  private Connection connection(HttpUri uri) {
    if (uri.sameOrigin(home)) {
      return own;
    }
    return others.computeIfAbsent(
        uri.origin(),
        origin -> elsewhere.map(given -> given.apply(URI.create(origin))).orElseGet(() -> to(uri)));
  }

  /** A connection to another origin for a while: the defaults of TLS, and requests connect it. */
  private Connection to(HttpUri uri) {
    ConnectionOptions options = Core.get().options(own);
    ConnectionOptions plain = Redirection.elsewhere(options, Optional.empty()).retry(BY_REQUESTS);
    return Core.get().open(uri.authority(), uri.secure(), plain, null, Mailbox.create());
  }

  /** Its loop is asked: what has told a failure may not yet have met what closes after it. */
  @Override
  public boolean hasEnded(HttpUri uri) {
    if (!uri.sameOrigin(home)) {
      return false;
    }
    Await.on(own.info(), "send", machine());
    return Core.get().door(own).ended().isDone();
  }

  @Override
  public boolean hasOthers() {
    return false;
  }

  @Override
  public boolean keepsCookies(HttpUri uri) {
    boolean users = elsewhere.isPresent() && !uri.sameOrigin(home);
    return users || Core.get().options(own).cookies().isPresent();
  }

  @Override
  public Source another() {
    return new OneConnection(own, elsewhere);
  }

  @Override
  public void repeated(HttpUri uri) {}

  @Override
  public boolean misdirected(HttpUri uri, Begun begun) {
    return false;
  }

  @Override
  public void close() {
    if (elsewhere.isEmpty()) {
      others.values().forEach(Connection::close);
    }
  }
}
