package dev.lariat.internal.protocol;

import dev.lariat.event.Event;
import dev.lariat.event.Trace;
import dev.lariat.event.TracedRequest;
import dev.lariat.event.Tracer;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.uri.Mask;
import dev.lariat.message.Headers;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import dev.lariat.option.ConnectionOptions;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A user's trace, which ends if it throws, and does nothing to the request then. */
public final class GuardedTrace implements Trace {
  private static final Logger LOG = System.getLogger("dev.lariat");

  /** What a trace must not say, since it frames the message or says whom it is for. */
  private static final Set<String> REFUSED =
      Set.of("connection", "content-length", "expect", "host", "transfer-encoding", "upgrade");

  private Trace users;

  private GuardedTrace(Trace users) {
    this.users = users;
  }

  /** What the traces of this thread belong to. */
  public static Tracer.Parent current(ConnectionOptions options) {
    return options
        .tracer()
        .map(tracer -> guarded("current", tracer::current, none()))
        .orElseGet(GuardedTrace::none);
  }

  private static Tracer.Parent none() {
    return request -> NONE;
  }

  /**
   * The trace of a request of this thread.
   *
   * @param ref whom its messages name; null if that is not known yet
   */
  public static Trace begin(
      ConnectionOptions options,
      HttpUri origin,
      String method,
      String target,
      @Nullable StreamRef ref) {
    if (options.tracer().isEmpty()) {
      return NONE;
    }
    Optional<LiveRef> live = ref instanceof LiveRef its ? Optional.of(its) : Optional.empty();
    return begin(current(options), shown(options, origin, method, target, 0, live));
  }

  /** The trace of a call's request. */
  public static Trace begin(
      Tracer.Parent parent, ConnectionOptions options, HttpUri uri, String method, int resends) {
    return options.tracer().isEmpty()
        ? NONE
        : begin(parent, shown(options, uri, method, uri.target(), resends, Optional.empty()));
  }

  private static TracedRequest shown(
      ConnectionOptions options,
      HttpUri origin,
      String method,
      String target,
      int resends,
      Optional<LiveRef> live) {
    String shown = options.hideQueries() ? Mask.query(target) : target;
    return new TracedRequest(origin.origin(), method, shown, resends, live);
  }

  private static Trace begin(Tracer.Parent parent, TracedRequest request) {
    Trace users = guarded("begin", () -> parent.begin(request), NONE);
    return users == NONE ? NONE : new GuardedTrace(users);
  }

  @Override
  public Headers headers(Protocol protocol, SocketAddress remote) {
    return call("headers", () -> checked(users.headers(protocol, remote)), Headers.EMPTY);
  }

  private static Headers checked(Headers headers) {
    for (Headers.Field field : headers.requireSendable()) {
      if (REFUSED.contains(field.name())) {
        throw new IllegalArgumentException(
            "headers of a trace: " + field.name() + ", allowed any except " + REFUSED);
      }
    }
    return headers;
  }

  @Override
  public void event(Event.OfStream event) {
    call(
        event.getClass().getSimpleName(),
        () -> {
          users.event(event);
          return true;
        },
        false);
  }

  @Override
  public void failed(Reason reason) {
    call(
        "failed",
        () -> {
          users.failed(reason);
          return true;
        },
        false);
  }

  private <T> T call(String at, Supplier<T> of, T otherwise) {
    try {
      return of.get();
    } catch (Throwable e) { // a user's code
      users = NONE;
      log(at, e);
      return otherwise;
    }
  }

  private static <T> T guarded(String at, Supplier<T> of, T otherwise) {
    try {
      return of.get();
    } catch (Throwable e) { // a user's code
      log(at, e);
      return otherwise;
    }
  }

  private static void log(String at, Throwable e) {
    LOG.log(Level.ERROR, "A tracer threw at " + at + ".", e);
  }
}
