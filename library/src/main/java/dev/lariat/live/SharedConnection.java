package dev.lariat.live;

import dev.lariat.Connection;
import dev.lariat.event.ConnectionInfo;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.entrance.Core;
import dev.lariat.message.Down;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.message.Terminated;
import dev.lariat.message.Up;
import dev.lariat.option.ConnectionOptions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection of {@link Neighbours}, and the sessions on it. It is one attempt: sessions join it
 * while it is dialed and while it is up, and with its end all of them are lost. A connection of
 * HTTP/1.1 has room for one session.
 *
 * <p>No two sessions on it are of the same live connection. So the next session of a rotation is on
 * another one, and a rotation renews connections as it does where none is shared.
 */
final class SharedConnection {
  private final Neighbours neighbours;
  private final HttpUri origin;
  private final ConnectionOptions options;
  private final Receiver owner = this::told;
  private final Connection connection;

  /** The sessions that have asked for a stream and have not ended, the first to ask first. */
  private final Set<LiveSession<?, ?>> members = new LinkedHashSet<>();

  /** How many sessions it takes. */
  private long room;

  /** Whether more sessions may join: neither side has begun to end it. */
  private boolean open = true;

  /** That it is established; null before that. */
  private @Nullable Up up;

  /** Begins to connect. */
  @SuppressWarnings("ThisEscape") // nothing is told before the loop's next task
  SharedConnection(Neighbours neighbours, HttpUri origin, ConnectionOptions options, long room) {
    this.neighbours = neighbours;
    this.origin = origin;
    this.options = options;
    this.room = room;
    this.connection =
        Core.get().open(origin.authority(), origin.secure(), options, neighbours.loop(), owner);
    later(() -> endIfUnused(true)); // if what it was opened for has failed
  }

  Connection connection() {
    return connection;
  }

  int members() {
    return members.size();
  }

  ConnectionInfo info() {
    return Core.get().door(connection).actor().inspect().info(owner);
  }

  // ---- who is on it

  boolean isTo(HttpUri origin, ConnectionOptions options) {
    return this.origin.sameOrigin(origin) && this.options.equals(options);
  }

  /** Whether a session of this live connection may join. */
  boolean takes(LiveLoop<?> live) {
    return open && members.size() < room && members.stream().noneMatch(its -> its.isOf(live));
  }

  /** A session has asked for its stream. */
  void join(LiveSession<?, ?> session) {
    members.add(session);
    Up before = up;
    if (before != null) {
      later(
          () -> {
            if (members.contains(session)) {
              session.told(before);
            }
          });
    }
  }

  /**
   * A session has ended, or has asked for the end of its stream. The connection ends with the last
   * one, unless another joins at once: what a session was refused is often asked for again.
   *
   * @param atOnce whether a connection without sessions ends without a goodbye
   */
  void leave(LiveSession<?, ?> session, boolean atOnce) {
    if (members.remove(session) && members.isEmpty()) {
      later(() -> endIfUnused(atOnce));
    }
  }

  private void endIfUnused(boolean atOnce) {
    if (!members.isEmpty()) {
      return;
    }
    endsNow();
    if (atOnce) {
      connection.close();
    } else {
      connection.shutdown();
    }
  }

  private void endsNow() {
    open = false;
    neighbours.remove(this);
  }

  // ---- what its owner is told

  private void told(Message message) {
    if (message instanceof Up established) {
      established(established);
    } else if (message instanceof Notice(var ref, var detail)) {
      notice(message, detail);
    } else if (message instanceof Down) {
      open = false;
    } else if (message instanceof Terminated) {
      endsNow();
      List<LiveSession<?, ?>> last = List.copyOf(members);
      members.clear();
      last.forEach(session -> session.told(message));
    }
  }

  private void established(Up established) {
    up = established;
    if (established.protocol() == Protocol.HTTP_2) {
      neighbours.speaksHttp2(origin);
      if (room == 1) { // as for HTTP/1.1; the server's SETTINGS will say
        room = Neighbours.most(options);
      }
    } else {
      allows(1);
    }
    each(session -> session.told(established));
  }

  private void notice(Message message, Notice.Detail detail) {
    if (detail instanceof Notice.PingAcknowledged(var stream, var roundTrip)) {
      each(session -> session.toldOf(stream, message));
      return;
    }
    if (detail instanceof Notice.SettingsChanged settings) {
      allows(settings.maxStreams().orElse(Long.MAX_VALUE));
    } else if (detail instanceof Notice.GoingAway) {
      open = false;
      later(this::giveUpWaiting);
    }
    each(session -> session.told(message));
  }

  private void each(Consumer<LiveSession<?, ?>> call) {
    List.copyOf(members).forEach(call);
  }

  /** What sessions have asked for has reached the connection before this runs. */
  private void later(Runnable action) {
    neighbours.loop().execute(action);
  }

  private void allows(long streams) {
    if (streams > 0) { // a server that takes nothing now may do so later
      neighbours.allows(origin, streams);
    }
    room = Math.min(streams, Neighbours.most(options));
    later(this::sendElsewhere);
  }

  /** Sends those to other connections that have no stream here, and for whom there is no room. */
  private void sendElsewhere() {
    List<LiveSession<?, ?>> waiting = waiting();
    long excess = Math.min(members.size() - room, waiting.size());
    for (int i = 0; i < excess; i++) {
      LiveSession<?, ?> last = waiting.get(waiting.size() - 1 - i);
      if (room == 0) { // another connection would have none either
        last.fail(new Reason.Unprocessed("the server allows no streams"));
      } else {
        last.movesOn();
      }
    }
  }

  /** The server begins nothing more, and may let what it has go on for days. */
  private void giveUpWaiting() {
    waiting().forEach(its -> its.fail(new Reason.Unprocessed("the server is going away")));
  }

  /** The sessions whose streams have not begun, the first to ask first. */
  private List<LiveSession<?, ?>> waiting() {
    List<LiveSession<?, ?>> waiting = new ArrayList<>();
    each(
        session -> {
          if (session.awaitsItsStream()) {
            waiting.add(session);
          }
        });
    return waiting;
  }
}
