package dev.lariat;

import dev.lariat.internal.connection.Actor;
import dev.lariat.internal.entrance.Login;
import dev.lariat.internal.entrance.ProxyAuthentication;
import dev.lariat.internal.protocol.Authorization;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.internal.transport.Outer;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.option.Backoff;
import dev.lariat.option.TunnelOptions;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The way of a tunnel through the connection that carries it. */
final class Passage implements Outer {
  private final Connection outer;
  private final String destination;
  private final Headers headers;
  private final FieldNames names;

  /** Whether it waits while the connection is another tunnel. */
  private final boolean patient;

  /** What is known of how the proxy wants to see the credentials; empty if there are none. */
  private final Optional<Login> login;

  /** What messages name; null until it is made. */
  private @Nullable Tunnel tunnel;

  Passage(Connection outer, Authority destination, TunnelOptions options) {
    this.outer = outer;
    this.destination = destination.field(0); // with its port, always
    this.headers = options.headers();
    this.names = outer.names().with(headers);
    this.patient = !options.retry().equals(Backoff.NEVER);
    this.login = options.credentials().map(Login::eager);
  }

  /** How the requests of one attempt show the credentials. */
  private Optional<ProxyAuthentication> authentication = Optional.empty();

  /** The first request, until a channel uses it; null if it was not posted. */
  private Command.@Nullable Connect first;

  /** Whether the owner has closed the tunnel; set in the owner's thread, before what follows. */
  private volatile boolean left;

  /** Where its messages go. */
  private final EarlyInbox early = new EarlyInbox();

  /** It is the way of this one. */
  void of(Tunnel tunnel) {
    this.tunnel = tunnel;
  }

  /**
   * Posts the first request, before the loop has anything to do with the tunnel: what the caller
   * asks for next comes after it.
   */
  void begin() {
    Command.Connect request = request(early);
    first = request; // before the loop can see it
    if (!post(request)) {
      first = null; // the first attempt finds out why
    }
  }

  @Override
  public Optional<Stream> asked(Inbox inbox) {
    Command.Connect request = first;
    if (request == null) {
      return Optional.empty();
    }
    first = null;
    early.to(inbox);
    return Optional.of(request.stream());
  }

  @Override
  public void givenUp() {
    Command.Connect request = first;
    if (request != null) {
      first = null;
      post(new Command.Cancel(request.stream(), new Reason.Cancelled()));
    }
  }

  @Override
  public String name() {
    return outer.authority();
  }

  @Override
  public Command.Connect request(Inbox inbox) {
    authentication = login.map(ProxyAuthentication::new);
    return again(inbox);
  }

  @Override
  public Command.Connect again(Inbox inbox) {
    Authorization authorization =
        authentication.<Authorization>map(its -> its).orElse(Authorization.NONE);
    Stream stream = new Stream(Objects.requireNonNull(tunnel), inbox, Gate.NONE, authorization);
    return new Command.Connect(stream, destination, headers, names, patient);
  }

  @Override
  public boolean post(Command... commands) {
    return outer.door().post(commands);
  }

  @Override
  public Optional<Reason> ended() {
    return Optional.ofNullable(outer.door().ended().getNow(null)).map(Actor::lastFailure);
  }

  @Override
  public Optional<Reason> takeChallenge() {
    return authentication.flatMap(ProxyAuthentication::takeChallenge);
  }

  @Override
  public Optional<Reason> soFar() {
    return outer.door().actor().inspect().whyNotSent(Objects.requireNonNull(tunnel));
  }

  /** The owner has closed the tunnel. What the owner asks for next comes after its end. */
  void leave() {
    left = true;
  }

  @Override
  public boolean leaves() {
    return left;
  }

  @Override
  public void goodbye() {
    Objects.requireNonNull(tunnel).shutdown();
  }
}
