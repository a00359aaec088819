package dev.lariat.live;

import dev.lariat.event.ConnectionInfo;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.transport.Loop;
import dev.lariat.internal.transport.Machine;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Live connections that share: their loop, the connections on it, and what is known of servers. On
 * the loop.
 */
final class Neighbours {
  private static final int REMEMBERED = 100; // origins, of all that endpoints and redirects name

  private final Machine machine;
  private final Loop loop;

  /** Those that more sessions may join, and those that are full. */
  private final List<SharedConnection> connections = new ArrayList<>();

  /** The origins that must be asked by HTTP/1.1, and why. */
  private final Map<String, Reason> withoutHttp2 = new HashMap<>();

  /** How many streams a connection to an origin has, where the server has said so. */
  private final Map<String, Long> allowed =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > REMEMBERED;
        }
      };

  Neighbours(Machine machine, Loop loop) {
    this.machine = machine;
    this.loop = loop;
  }

  Machine machine() {
    return machine;
  }

  Loop loop() {
    return loop;
  }

  Map<String, Reason> withoutHttp2() {
    return withoutHttp2;
  }

  /**
   * The connection for a session: that with the most sessions which has room for one more, so that
   * the others empty and close; or a new one.
   *
   * @param live whose session it is
   */
  SharedConnection connection(LiveLoop<?> live, HttpUri origin, ConnectionOptions options) {
    SharedConnection fullest = null;
    for (SharedConnection each : connections) {
      boolean fits = each.isTo(origin, options) && each.takes(live);
      if (fits && (fullest == null || each.members() > fullest.members())) {
        fullest = each;
      }
    }
    return fullest == null ? open(origin, options) : fullest;
  }

  private SharedConnection open(HttpUri origin, ConnectionOptions options) {
    long most = options.protocols().contains(Protocol.HTTP_2) ? most(options) : 1;
    Long known = allowed.get(origin.origin());
    SharedConnection opened =
        new SharedConnection(this, origin, options, known == null ? most : Math.min(known, most));
    connections.add(opened);
    return opened;
  }

  /** How many streams this side wants on a connection, whatever the server allows. */
  static long most(ConnectionOptions options) {
    return Math.min(options.http2().maxStreams(), options.limits().heldCommands());
  }

  /** The server allows so many streams on a connection; of HTTP/1.1, one. */
  void allows(HttpUri origin, long streams) {
    allowed.put(origin.origin(), streams);
  }

  /** The server has set no limit yet; that of before, if there was one, is mostly still good. */
  void speaksHttp2(HttpUri origin) {
    allowed.remove(origin.origin(), 1L);
  }

  void remove(SharedConnection connection) {
    connections.remove(connection);
  }

  List<ConnectionInfo> info() {
    return connections.stream().map(SharedConnection::info).toList();
  }
}
