package dev.lariat.internal.entrance;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.ResponsePublisher;
import dev.lariat.WebSocket;
import dev.lariat.event.Trace;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.protocol.Authorization;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.internal.transport.Loop;
import dev.lariat.internal.transport.Machine;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.message.StreamRef;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.lang.invoke.MethodHandles;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What is in the handles that users have, for the packages that are built on them. The package of
 * the handles grants it, so none of this is a public method of theirs.
 */
public abstract class Core {
  private static @Nullable Core granted; // by the static initializer of Lariat

  /** The one that was granted; read first when the static initializer of Lariat is over. */
  private static final class Holder {
    static final Core CORE = afterLariat();

    private static Core afterLariat() {
      try {
        MethodHandles.lookup().ensureInitialized(Lariat.class);
      } catch (IllegalAccessException e) {
        throw new IllegalStateException("the class is public and of this module", e);
      }
      return Objects.requireNonNull(granted, "granted");
    }
  }

  /** The only one. */
  public static Core get() {
    return Holder.CORE;
  }

  /** Makes this the only one; for the static initializer of {@link Lariat}. */
  public static void grant(Core core) {
    granted = core;
  }

  // ---- connections

  /**
   * Opens a connection to the origin of this URI.
   *
   * @param loop of a live connection, whose own it is; null for one that is its user's
   */
  public abstract Connection open(
      URI uri, ConnectionOptions options, @Nullable Loop loop, Receiver owner);

  /** Opens a connection with TLS or without, whatever the port; see the other one. */
  public abstract Connection open(
      Authority authority,
      boolean secure,
      ConnectionOptions options,
      @Nullable Loop loop,
      Receiver owner);

  /**
   * Opens a connection over a Unix-domain socket, without proxies; see the other ones.
   *
   * @param authority what the server is called
   */
  public abstract Connection openUnix(
      Path path,
      Authority authority,
      boolean secure,
      ConnectionOptions options,
      @Nullable Loop loop,
      Receiver owner);

  /** The door to its loop. */
  public abstract Door door(Connection connection);

  /** The machine whose time, loops and network it uses. */
  public abstract Machine machine(Connection connection);

  /** The origin, at its root. */
  public abstract HttpUri home(Connection connection);

  /** What it was opened with. */
  public abstract ConnectionOptions options(Connection connection);

  /** Sends a request whose messages are of this stream and go to this inbox. */
  public abstract Stream request(
      Connection connection,
      Request request,
      StreamRef ref,
      Inbox inbox,
      Authorization authorization);

  /**
   * Sends an impatient request: if the connection is down, an attempt is made at once, and the
   * request fails if the attempt fails.
   *
   * @param mailbox where its messages go, whatever the request says
   * @param trace of the request, which whoever began it ends if this throws
   */
  public abstract Exchange call(
      Connection connection, Request request, Mailbox mailbox, Trace trace);

  /** Sends a request with this trace, as {@link #call} takes it. */
  public abstract Exchange request(Connection connection, Request request, Trace trace);

  /** Begins a request whose body follows, with this trace. */
  public abstract Exchange begin(Connection connection, Request request, Trace trace);

  /** Sends a request with this trace, and publishes its response. */
  public abstract ResponsePublisher publish(Connection connection, Request request, Trace trace);

  /** Opens a WebSocket with this trace. */
  public abstract WebSocket webSocket(
      Connection connection, String path, WebSocketOptions options, Trace trace);

  /** Asks for a WebSocket whose messages are of this stream and go to this inbox. */
  public abstract WebSocket webSocket(
      Connection connection,
      String path,
      WebSocketOptions options,
      Authorization authorization,
      StreamRef ref,
      Inbox inbox);

  // ---- streams

  /** What its commands name. */
  public abstract Stream stream(WebSocket socket);

  /** What holds its senders back. */
  public abstract SendGate gate(WebSocket socket);

  /** Whether it is the server that made its request. */
  public abstract boolean isPushed(Exchange exchange);

  /** Why it still waits for the connection; empty if it does not. */
  public abstract Optional<Reason> whyWaiting(Exchange exchange);

  // ---- mailboxes

  /**
   * Where the connections of a machine put their messages.
   *
   * @throws IllegalArgumentException if it is used by those of another one
   */
  public abstract Inbox inbox(Mailbox mailbox, Machine users);

  /**
   * Waits until a mailbox has a message, or something else is done. Whoever does it wakes the
   * mailbox's inbox, or leaves that to the next message.
   *
   * @param nanos the longest time to wait
   */
  public abstract void await(Mailbox mailbox, long nanos, BooleanSupplier done)
      throws InterruptedException;

  /** Takes the next message of this stream; null if the wait is over first. */
  public abstract Message.@Nullable OfStream await(Mailbox mailbox, StreamRef stream, Wait wait)
      throws InterruptedException;

  /** Takes all that is here, without waiting; on any thread, while nobody reads. */
  public abstract List<Message> drain(Mailbox mailbox);

  /** Drops the messages of this stream, those that are here and those to come. */
  public abstract void forget(Mailbox mailbox, StreamRef stream);

  /** Makes it the owner of a connection, which is shut down when the mailbox closes. */
  public abstract void own(Mailbox mailbox, Object connection, Runnable shutdown);

  /** Ends what {@link #own} began. */
  public abstract void disown(Mailbox mailbox, Object connection);
}
