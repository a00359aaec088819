package dev.lariat;

import dev.lariat.event.Trace;
import dev.lariat.internal.content.Contents;
import dev.lariat.internal.entrance.Authentication;
import dev.lariat.internal.entrance.Checks;
import dev.lariat.internal.entrance.ForwardProxy;
import dev.lariat.internal.entrance.Login;
import dev.lariat.internal.protocol.Authorization;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Forward;
import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.protocol.GuardedTrace;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Receiver;
import dev.lariat.message.StreamRef;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import dev.lariat.option.Request;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Begins the requests of a connection: makes their handles, and posts the commands. */
final class Beginnings {
  private final Connection connection;
  private final ConnectionOptions options;
  private final FieldNames names;
  private final Supplier<Recipient> owner;
  private final AtomicReference<@Nullable Login> login = new AtomicReference<>(); // used last

  /** The proxy that receives the requests; empty if there is none. */
  private final Optional<ForwardProxy> forward;

  Beginnings(
      Connection connection,
      ConnectionOptions options,
      FieldNames names,
      Supplier<Recipient> owner) {
    this.connection = connection;
    this.options = options;
    this.names = names;
    this.owner = owner;
    this.forward =
        Forward.proxy(options).map(proxy -> new ForwardProxy(proxy, connection.home().hostField()));
  }

  /** Who is told of a stream: the receiver that was named for it, or the owner. */
  Recipient recipient(Optional<Receiver> named) {
    return named.map(receiver -> Recipient.of(receiver, connection)).orElseGet(owner);
  }

  /**
   * Begins a request.
   *
   * @param told who gets its messages
   * @param length of the body that follows, if it is known; null if the body is whole
   * @param protocols those that the server may switch to
   * @param impatient whether it fails with an attempt to connect
   * @param takesPushes whether the server may promise something with it
   * @param given the trace of the request; null if it begins here
   */
  Exchange begin(
      String operation,
      Request request,
      Recipient told,
      @Nullable OptionalLong length,
      List<String> protocols,
      boolean impatient,
      boolean takesPushes,
      @Nullable Trace given) {
    Checks.speaksHttp(operation, options);
    request.headers().requireSendable();
    Request bare =
        request.credentials().isEmpty() ? request : request.credentials(Optional.empty());
    Request negotiated = Contents.negotiate(bare);
    Trace trace = given == null ? trace(request.method(), request.target(), null) : given;
    Exchange exchange =
        new Exchange(
            connection,
            negotiated,
            toProxy(authorization(request.credentials())),
            trace,
            told.inbox(),
            told.mailbox(),
            options.limits().body(),
            length,
            length != null && length.isEmpty() && protocols.isEmpty(),
            takesPushes);
    boolean whole = length == null || !protocols.isEmpty();
    long deadline =
        request.timeout().isEmpty()
            ? Engine.NEVER
            : connection.door().loop().now() + request.timeout().get().toNanos();
    Command command =
        new Command.Request(
            exchange.stream(),
            negotiated,
            whole,
            deadline,
            protocols,
            names.with(negotiated.headers()),
            impatient);
    post(operation, command, given == null ? trace : Trace.NONE);
    return exchange;
  }

  /** Posts a command that begins a request; if that fails, so does the trace that began here. */
  void post(String operation, Command command, Trace trace) {
    try {
      connection.door().post(operation, command);
    } catch (FailedException e) {
      trace.failed(e.reason());
      throw e;
    }
  }

  /** The same, and how the request shows itself to the proxy that receives it. */
  private Authorization toProxy(Authorization users) {
    return forward.map(proxy -> proxy.authorization(users)).orElse(users);
  }

  /** How a request shows these; all that have the same know the same of the server's challenges. */
  Authorization authorization(Optional<Credentials> credentials) {
    if (credentials.isEmpty()) {
      return Authorization.NONE;
    }
    Credentials own = credentials.get();
    Login known =
        login.updateAndGet(last -> last != null && last.isFor(own) ? last : Login.eager(own));
    return new Authentication(Objects.requireNonNull(known));
  }

  /** The trace of a request that this thread asks for. */
  Trace trace(String method, String target, @Nullable StreamRef ref) {
    return GuardedTrace.begin(options, connection.home(), method, target, ref);
  }

  /** Sends a request whose messages are of this stream and go to this inbox. */
  Stream request(Request request, StreamRef ref, Inbox inbox, Authorization authorization) {
    Trace trace = trace(request.method(), request.target(), ref);
    Stream stream = new Stream(ref, inbox, Gate.NONE, toProxy(authorization), trace);
    Request negotiated = Contents.negotiate(request);
    FieldNames spelt = names.with(negotiated.headers());
    post(
        "request",
        new Command.Request(stream, negotiated, true, Engine.NEVER, List.of(), spelt),
        trace);
    return stream;
  }
}
