package dev.lariat.internal.http1;

import dev.lariat.internal.protocol.Command;
import dev.lariat.option.Http1;
import dev.lariat.option.RequestRetry;
import java.util.Deque;
import java.util.Set;

/** Which requests may be outstanding together (RFC 9112 section 9.3.2). */
final class Pipelining {
  private static final Set<String> IDEMPOTENT = RequestRetry.DEFAULT.methods();

  private final int most;
  private final boolean allMethods;

  Pipelining(Http1 http1) {
    boolean old = http1.version() == Http1.Version.HTTP_1_0; // each may be the connection's last
    this.most = old ? 1 : http1.pipelining();
    this.allMethods = http1.pipelinedMethods() == Http1.Methods.ALL;
  }

  /** Whether what begins a stream may be written now, after these. */
  boolean admits(Command.OfStream command, Deque<Exchange> outstanding) {
    if (outstanding.isEmpty()) {
      return true;
    }
    if (outstanding.size() >= most) {
      return false;
    }
    for (Exchange exchange : outstanding) {
      if (exchange.cancelled) {
        return false; // nobody knows when that ends
      }
    }
    return allMethods || isIdempotent(command) && outstanding.getLast().idempotent;
  }

  static boolean isIdempotent(Command.OfStream command) {
    return !(command instanceof Command.Request request)
        || IDEMPOTENT.contains(request.request().method());
  }
}
