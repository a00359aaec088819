package dev.lariat.internal.connection;

import dev.lariat.event.ConnectionInfo;
import dev.lariat.event.ConnectionInfo.Intermediary;
import dev.lariat.event.StreamInfo;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.protocol.Standing;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.internal.transport.Wire;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Proxy;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a connection and its streams stand at one moment, and what keeps them waiting. Asked on the
 * loop, in the turn in which {@link Actor#inspect} made it.
 *
 * <p>{@link #whyWaiting} is for a stream that has not begun, {@link #whyNotSent} for something that
 * is sent on any stream, and {@link #whyNotUp} for the connection.
 */
public final class Inspection {
  private static final String UNREAD =
      "the mailbox is full, so the server may have to wait until you read more";

  private final ConnectionRef ref;
  private final List<Proxy> via;
  private final State state;
  private final long stateAt; // when the state was entered
  private final Held held;
  private final Remains remains;
  private final boolean hasRoom; // whether the inboxes take more, so that the lane is read
  private final long now;

  Inspection(
      ConnectionRef ref,
      List<Proxy> via,
      State state,
      long stateAt,
      Held held,
      Remains remains,
      boolean hasRoom,
      long now) {
    this.ref = ref;
    this.via = via;
    this.state = state;
    this.stateAt = stateAt;
    this.held = held;
    this.remains = remains;
    this.hasRoom = hasRoom;
    this.now = now;
  }

  /** Why a stream that has not begun still waits; empty if it has begun. */
  public Optional<Reason> whyWaiting(StreamRef stream) {
    if (held.streamsBefore(stream) < 0) {
      return Optional.empty();
    }
    Optional<Reason> down = whyNotUp();
    return down.isEmpty() && state instanceof State.Up(var link)
        ? link.root().whyWaiting(stream)
        : down;
  }

  /** Whether this stream has not begun because others leave no room for it on the connection. */
  public boolean hasNoRoomFor(StreamRef stream) {
    return state instanceof State.Linked its && its.link().root().hasNoRoomFor(stream);
  }

  /** Why what is sent on this stream still waits; empty if nothing is known to keep it. */
  public Optional<Reason> whyNotSent(StreamRef stream) {
    Optional<Reason> before = whyWaiting(stream);
    if (before.isPresent() || !(state instanceof State.Up(var link))) {
      return before.or(this::whyNotUp);
    }
    if (!hasRoom) {
      return Optional.of(new Reason.BadState("receive", UNREAD));
    }
    return link.root().whyNotOpen(stream, now).or(() -> link.outlet().watch().soFar(now));
  }

  /** Why there is no connection; empty if there is one. */
  public Optional<Reason> whyNotUp() {
    return switch (state) {
      case State.Up(var link) -> link.root().deaf();
      case State.Dialing dialing -> dialing.whyNotUp();
      case State.Waiting waiting -> Optional.of(waiting.reason());
      case State.Closing closing -> Optional.of(closing.reason());
      case State.Ended ended -> Optional.of(Actor.lastFailure(ended.reason()));
    };
  }

  /** How a connection stands that no proxy carries, and that this one owns. */
  public ConnectionInfo info(Receiver owner) {
    return info(owner, List.of());
  }

  /**
   * How the connection stands.
   *
   * @param owner of the connection
   * @param carriers of a tunnel, the proxies before those of {@code via}
   */
  public ConnectionInfo info(Receiver owner, List<Intermediary> carriers) {
    Optional<State.Link> link =
        state instanceof State.Linked its ? Optional.of(its.link()) : Optional.empty();
    Optional<Channel> open = link.map(State.Link::channel);
    List<Intermediary> all = new ArrayList<>(carriers);
    all.addAll(proxies());
    return new ConnectionInfo(
        ref,
        owner,
        state.shown(),
        Duration.ofNanos(now - stateAt),
        link.map(its -> its.root().protocol()),
        open.flatMap(Wire::local),
        open.flatMap(Wire::remote),
        open.flatMap(Wire::tls),
        held.streams() + remains.streams() + link.map(its -> its.root().streams()).orElse(0),
        link.map(its -> its.root().maxStreams()).orElse(OptionalLong.empty()),
        link.filter(its -> its.root().draining()).isPresent(),
        open.map(Wire::bytesWaiting).orElse(0L),
        all);
  }

  /** What carries the bytes of a tunnel in this connection: its proxies, and its server. */
  public List<Intermediary> carriers() {
    if (!(state instanceof State.Linked its)) {
      return List.of();
    }
    String scheme = Wire.tls(its.link().channel()).isPresent() ? "https://" : "http://";
    Protocol spoken = its.link().root().protocol();
    Protocol http = spoken == Protocol.RAW ? Protocol.HTTP_1_1 : spoken; // it became the tunnel
    List<Intermediary> all = new ArrayList<>(proxies());
    all.add(new Intermediary(scheme + ref.authority(), Optional.of(http)));
    return all;
  }

  /** The proxies of {@code via}; empty while there is no link. */
  private List<Intermediary> proxies() {
    if (!(state instanceof State.Linked its)) {
      return List.of();
    }
    List<Intermediary> all = new ArrayList<>(via.size());
    for (Proxy proxy : via) {
      boolean second =
          proxy.absoluteForm()
              ? its.link().root().protocol() == Protocol.HTTP_2
              : Wire.speaksHttp2(all.size() + 1, its.link().channel());
      Protocol http = second ? Protocol.HTTP_2 : Protocol.HTTP_1_1;
      boolean isHttp = proxy.kind() == Proxy.Kind.HTTP;
      all.add(new Intermediary(proxy.uri(), isHttp ? Optional.of(http) : Optional.empty()));
    }
    return all;
  }

  /**
   * How a stream of this connection stands.
   *
   * @param bytesWaiting how many bytes of it wait to be written
   */
  public StreamInfo info(Stream stream, long bytesWaiting) {
    Standing standing = standing(stream);
    return new StreamInfo(
        stream.ref(),
        standing.state(),
        standing.ahead(),
        standing.received(),
        standing.sent(),
        bytesWaiting);
  }

  Standing standing(Stream stream) {
    Hosting hosting = remains.of(stream);
    if (hosting == null && state instanceof State.Linked its) {
      hosting = its.link().root().at(stream);
    }
    Standing standing = hosting == null ? null : hosting.standing(stream.ref());
    if (standing != null) {
      return standing;
    }
    boolean waits = held.has(stream);
    return new Standing(waits ? StreamInfo.State.WAITING : StreamInfo.State.ENDED, 0);
  }
}
