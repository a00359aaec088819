package dev.lariat.internal.http1;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.PendingUpgrade;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.option.Http1;
import dev.lariat.option.Request;
import dev.lariat.option.RequestRetry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The exchanges of a connection whose requests were written and whose responses have not ended, in
 * the order in which the server answers them (RFC 9112 section 9.3.2).
 *
 * <p>The <b>current</b> one is being answered, or is answered next. The <b>newest</b> one was
 * written last. A cancelled one stays here until its response has ended, and is nobody's.
 */
final class Pipeline implements Iterable<Exchange> {
  private static final Set<String> IDEMPOTENT = RequestRetry.DEFAULT.methods();

  private final int most;
  private final boolean allMethods;
  private final Deque<Exchange> exchanges = new ArrayDeque<>(2);

  Pipeline(Http1 http1, Dialect dialect) {
    this.most = dialect.pipelines() ? http1.pipelining() : 1;
    this.allMethods = http1.pipelinedMethods() == Http1.Methods.ALL;
  }

  // ---- what is written next

  /** Whether what begins a stream may be written now, after these. */
  boolean admits(Command.OfStream command) {
    if (exchanges.isEmpty()) {
      return true;
    }
    if (exchanges.size() >= most) {
      return false;
    }
    for (Exchange exchange : exchanges) {
      if (exchange.cancelled) {
        return false; // nobody knows when that ends
      }
    }
    return allMethods || isIdempotent(command) && exchanges.getLast().idempotent;
  }

  static boolean isIdempotent(Command.OfStream command) {
    return !(command instanceof Command.Request request)
        || IDEMPOTENT.contains(request.request().method());
  }

  /** The request of this one is written after the others. */
  void add(Exchange exchange) {
    exchanges.add(exchange);
  }

  // ---- which are here

  boolean isEmpty() {
    return exchanges.isEmpty();
  }

  int size() {
    return exchanges.size();
  }

  @Override
  public Iterator<Exchange> iterator() {
    return exchanges.iterator();
  }

  /** All of them, as they are now. */
  List<Exchange> all() {
    return List.copyOf(exchanges);
  }

  /** The one that is being answered, or is answered next; null if there is none. */
  @Nullable Exchange current() {
    return exchanges.peek();
  }

  /** The one that was written last; null if there is none. */
  @Nullable Exchange newest() {
    return exchanges.peekLast();
  }

  /** Whether the newest is of this stream. */
  boolean isNewest(Stream stream) {
    Exchange newest = newest();
    return newest != null && newest.stream == stream;
  }

  /** The one of this stream, unless it is cancelled; null if there is none. */
  @Nullable Exchange of(Stream stream) {
    for (Exchange exchange : exchanges) {
      if (exchange.stream == stream && !exchange.cancelled) {
        return exchange;
      }
    }
    return null;
  }

  boolean contains(Exchange exchange) {
    return exchanges.contains(exchange);
  }

  /** How many are not cancelled. */
  int wanted() {
    int wanted = 0;
    for (Exchange exchange : exchanges) {
      wanted += exchange.cancelled ? 0 : 1;
    }
    return wanted;
  }

  /**
   * Whether an upgrade waits for its answer. It is the newest then, since nothing is written after
   * an upgrade before its answer.
   */
  boolean upgrades() {
    Exchange newest = newest();
    return newest != null && newest.upgrade != null;
  }

  /** The upgrade of this stream that waits for its answer; null if there is none. */
  @Nullable PendingUpgrade upgrade(Stream stream) {
    Exchange its = of(stream);
    return its == null || its != newest() ? null : its.upgrade;
  }

  /** Whether the rest of a response may have to wait for credit. */
  boolean mayWaitForCredit() {
    return exchanges.stream().anyMatch(exchange -> exchange.credit != Request.UNLIMITED);
  }

  // ---- which are not any more

  /** Removes the current one, whose response has ended. */
  Exchange finish() {
    return exchanges.remove();
  }

  /** Removes the newest one, whose request has no end. */
  Exchange removeNewest() {
    return exchanges.removeLast();
  }

  void remove(Stream stream) {
    exchanges.removeIf(exchange -> exchange.stream == stream);
  }

  /**
   * Removes all but the current one.
   *
   * @return those of them that are not cancelled, in their order
   */
  Collection<Exchange> cutBehindCurrent() {
    List<Exchange> cut = new ArrayList<>(exchanges.size());
    for (Iterator<Exchange> i = exchanges.iterator(); i.hasNext(); ) {
      Exchange exchange = i.next();
      if (exchange != current()) {
        i.remove();
        cut.add(exchange);
      }
    }
    cut.removeIf(exchange -> exchange.cancelled);
    return cut;
  }

  void clear() {
    exchanges.clear();
  }
}
