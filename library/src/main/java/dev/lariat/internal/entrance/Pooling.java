package dev.lariat.internal.entrance;

import dev.lariat.ClientRef;
import dev.lariat.Connection;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.transport.Machine;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Notice;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What a client gives to live connections, which are in another room: streams of its pool, and the
 * credentials that it has for an origin. On any thread.
 */
public interface Pooling {

  /** Whose threads, loops and chance it uses. */
  Machine machine();

  /** The options of its connections, as far as an origin has none of its own. */
  ConnectionOptions options();

  /** The options of its connections to this origin. */
  ConnectionOptions options(HttpUri uri);

  /** Its credentials for this origin. */
  Optional<Login> login(HttpUri uri);

  /**
   * Adds one who ends when the client does.
   *
   * @throws IllegalStateException if the client is closed
   */
  void join(LiveRef ref, Member member);

  /** That one has ended. */
  void left(LiveRef ref);

  /**
   * Wants a stream to this origin.
   *
   * @param how the options of its connection; with others than those of the client it shares with
   *     those alone that want the same
   */
  Claim want(HttpUri uri, ConnectionOptions how, Guest guest);

  /** A live connection that uses the client. What it is told comes on any thread. */
  interface Member {

    /** Ends it in good order: the client shuts down. */
    void leave();

    /** Ends it at once: the client is closed. */
    void close();

    /** A connection of the client tells this; whether its stream is there, it must see. */
    void told(Notice notice);
  }

  /** Who wants a stream. It is told one thing, once, on any thread, and does not wait in it. */
  interface Guest {

    /** There is room for its stream on this connection. */
    void granted(Grant grant);

    /** There is none, for this reason. */
    void refused(Reason reason);
  }

  /** A stream that is wanted. */
  interface Claim {

    /** It is not wanted any more; a grant may still come, and is to be given back. */
    void cancel();
  }

  /**
   * Room for one stream. The stream is begun on the connection, or one of the other methods is
   * called, once.
   */
  interface Grant {

    Connection connection();

    /** Whether the connection carried something before. */
    boolean reused();

    /** Nothing is begun there. */
    void giveBack();

    /** Nothing could be begun there, since the connection has ended. */
    void tooLate();

    /** Nothing is begun there, and nothing new shall be: another connection is to be opened. */
    void renew();
  }

  /** A stream begins once more at once, since its connection could not be used again. */
  void repeated(HttpUri uri);

  /** How the clients of a class are asked. */
  final class Clients {
    private static final Map<Class<?>, Function<Object, Pooling>> KNOWN = new ConcurrentHashMap<>();

    private Clients() {}

    /** Says how; the class does so in its static initializer, so it is known of every instance. */
    public static <T extends ClientRef> void are(Class<T> type, Function<T, Pooling> pooling) {
      KNOWN.put(type, any -> pooling.apply(type.cast(any)));
    }

    /**
     * What this client gives.
     *
     * @throws IllegalArgumentException if it is not one of Lariat's
     */
    public static Pooling of(ClientRef client) {
      Function<Object, Pooling> pooling = KNOWN.get(client.getClass());
      if (pooling == null) {
        throw new IllegalArgumentException(
            "client: a " + client.getClass().getName() + ", allowed a dev.lariat.client.Client");
      }
      return pooling.apply(client);
    }
  }
}
