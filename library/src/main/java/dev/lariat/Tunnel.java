package dev.lariat;

import dev.lariat.event.ConnectionInfo.Intermediary;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.entrance.Adoption;
import dev.lariat.internal.entrance.Checks;
import dev.lariat.internal.entrance.Handle;
import dev.lariat.internal.transport.Dialer;
import dev.lariat.internal.transport.Loop;
import dev.lariat.internal.transport.Place;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Receiver;
import dev.lariat.message.StreamRef;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Tls;
import dev.lariat.option.TunnelOptions;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tunnel: a connection to an origin, carried by a connection to a proxy. You get it from {@link
 * Connection#connect(URI)}, and use it like any connection, also to ask for another tunnel inside
 * it.
 *
 * <p>Its messages go to the owner of the connection that carries it, unless you name another one by
 * {@code TunnelOptions.replyTo}. {@code TunnelUp} arrives when the proxy has accepted, {@code Up}
 * when the tunnel is established, including TLS. If the proxy refuses, the attempt fails with a
 * {@code Reason.Tunnel} that has the status, the headers and the beginning of the body of its
 * response.
 *
 * <p>The end of the tunnel does not end the connection that carries it over HTTP/2. Over HTTP/1.1,
 * the network connection ends with its tunnel. If the connection that carries it is lost, the
 * tunnel is lost with it. By default, it then ends. With {@code TunnelOptions.retry}, it asks the
 * proxy again, as soon as there is a connection to it.
 */
public final class Tunnel extends Connection implements StreamRef {
  static {
    Adoption.endsBy(Tunnel.class, tunnel -> tunnel.door().ended());
  }

  private final Connection outer;
  private final Passage passage;

  private Tunnel(
      Connection outer,
      Passage passage,
      Authority destination,
      ConnectionOptions options,
      boolean secure,
      Dialer dialer,
      Receiver owner) {
    super(
        destination.toString(),
        HttpUri.of(secure, destination),
        options,
        dialer,
        outer.machine(),
        outer.door().loop(),
        owner);
    this.outer = outer;
    this.passage = passage;
    passage.of(this);
  }

  /** {@inheritDoc} */
  @Override
  public void close() {
    passage.leave();
    super.close();
  }

  @Override
  Connection open(Adoption.Hold hold) {
    passage.begin();
    return super.open(hold);
  }

  /** Asks for a tunnel to the origin of this URI. */
  static Tunnel open(Connection outer, URI destination, TunnelOptions options) {
    boolean secure = Endpoint.of(destination).secure();
    return open(outer, Authority.of(destination, HttpUri.port(secure)), secure, options);
  }

  /** Asks for a tunnel, with TLS or without. */
  static Tunnel open(
      Connection outer, Authority destination, boolean secure, TunnelOptions options) {
    Checks.speaksHttp("connect", outer.options());
    Checks.reachesTheServer("connect", outer.options());
    if (outer.door().ended().isDone()) {
      throw outer.door().terminated("connect");
    }
    ConnectionOptions inside = options.connection().retry(options.retry());
    @Nullable Tls tls = inside.tls().orElse(secure ? Tls.DEFAULT : null);
    ConnectionOptions known = tls == null ? inside : inside.tls(tls);
    Passage passage = new Passage(outer, destination, options);
    Place.Tunnelled place = new Place.Tunnelled(destination);
    Dialer dialer =
        Lariat.dialer(tls, inside, (context, its) -> Dialer.through(passage, place, context, its));
    Receiver owner = options.replyTo().orElseGet(outer::owner);
    Loop loop = outer.door().loop();
    loop.retain();
    return Lariat.opened(
        () -> new Tunnel(outer, passage, destination, known, tls != null, dialer, owner),
        loop,
        true,
        null);
  }

  /**
   * {@return the tunnel that a message names: {@code Tunnel.of(tunnelUp.stream())}}
   *
   * @param stream the tunnel, as a message names it
   * @throws IllegalArgumentException if the message is of another kind of stream
   */
  public static Tunnel of(StreamRef stream) {
    return Handle.of(Tunnel.class, stream);
  }

  /** {@return the connection that carries this tunnel} */
  @Override
  public Connection connection() {
    return outer;
  }

  @Override
  List<Intermediary> intermediaries() {
    List<Intermediary> all = new ArrayList<>(outer.intermediaries());
    all.addAll(outer.door().actor().inspect().carriers()); // it is on the same loop
    return all;
  }
}
