package dev.lariat.internal.hop;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Proxy;
import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What this side says to one proxy to get a tunnel, and what it hears: bytes in, bytes out, and how
 * far it has come. It can begin again on another connection, and remembers then what the proxy
 * asked for.
 *
 * <p>The order of calls: {@link #begin}, then {@link #received} each time that more has come, until
 * it is through or refused; {@link #ended} instead if nothing more can come.
 *
 * <p>On a connection of HTTP/2, that connection speaks with the proxy. Then the order is: {@link
 * #request}, and {@link #failed} if there is no tunnel.
 *
 * <p>After {@code Challenged}, {@link #answered} says how it goes on.
 */
public sealed interface Negotiation permits HttpConnect, Socks4, Socks5 {

  /** How far it has come. */
  sealed interface Progress {
    /** The proxy's answer is not complete. */
    record More() implements Progress {}

    /** The tunnel is there. What is left in the buffer is the tunnel's. */
    record Through() implements Progress {}

    /**
     * The proxy asks who it is, and the user's authenticator is to answer: {@link #answered}. What
     * comes meanwhile is received as ever.
     *
     * @param challenges the proxy's
     */
    record Challenged(List<String> challenges) implements Progress {}

    /** The proxy wants it to begin again on another connection, which then has a chance. */
    record Anew() implements Progress {}

    /**
     * There will be no tunnel.
     *
     * @param why the reason
     */
    record Refused(Reason why) implements Progress {}

    /** The only one of its kind. */
    Progress MORE = new More();

    /** The only one of its kind. */
    Progress THROUGH = new Through();

    /** The only one of its kind. */
    Progress ANEW = new Anew();
  }

  /**
   * The negotiation with this proxy.
   *
   * @param next to where it is to lead
   * @param address that of the host, which the proxy is sent instead of its name; null if the proxy
   *     is to resolve the name
   */
  static Negotiation with(Proxy proxy, Authority next, @Nullable InetAddress address) {
    return switch (proxy.kind()) {
      case HTTP -> new HttpConnect(proxy, next, address);
      case SOCKS5 -> new Socks5(proxy, next, address);
      case SOCKS4, SOCKS4A -> new Socks4(proxy, next, address);
    };
  }

  /** Begins on a connection: writes what this side says first. */
  void begin(ByteBuf out);

  /**
   * Reads what it can. What it leaves in the buffer comes again, with more.
   *
   * @param out what it writes in return
   */
  Progress received(ByteBuf in, ByteBuf out);

  /** The proxy has ended its side. */
  default Progress ended() {
    return new Progress.Refused(new Reason.Closed());
  }

  /** What the proxy has said so far that tells why there is no tunnel yet; mostly empty. */
  default Optional<Reason> refusal() {
    return Optional.empty();
  }

  /**
   * The request for the tunnel on a connection of HTTP/2.
   *
   * @param tunnel what messages call it
   * @param inbox where its messages go
   */
  default Command.Connect request(StreamRef tunnel, Inbox inbox) {
    throw new IllegalStateException("only HTTP has requests");
  }

  /** That request has failed for this reason. */
  default Progress failed(Reason why) {
    return new Progress.Refused(why);
  }

  /**
   * The user's authenticator has answered the challenges.
   *
   * @param credentials for the next request; empty if it gives up
   * @return {@code MORE} if the next request is for the same connection: {@link #askAgain}, or
   *     {@link #request} over HTTP/2
   */
  default Progress answered(Optional<String> credentials) {
    throw new IllegalStateException("only HTTP has challenges");
  }

  /** Writes the next request on the same connection. */
  default void askAgain(ByteBuf out) {
    throw new IllegalStateException("only HTTP has requests");
  }

  /** What it means that the proxy sent something before it was asked. */
  Reason early();
}
