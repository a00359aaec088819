package dev.lariat.internal.protocol;

import dev.lariat.internal.text.Priority;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Limits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one connection that have not begun, in order, each with the commands that were
 * posted for it so far. They wait for the connection to be established, or for their turn. The end
 * of a link does not touch them: the next link's engine takes them.
 *
 * <p>Two counters keep a disconnected client from filling the memory: {@code commands} and {@code
 * bytes}, each with a limit of the user's. What the gate of a stream has counted already (frames of
 * a WebSocket, parts of a body) is not counted again. A command over a limit is refused at once.
 * The first part of a message is counted, and the parts after it are free: a message is refused
 * whole or not at all.
 *
 * <p>Only one event loop uses it: first the actor, then the engine that takes what is held.
 */
public final class Held {
  /** {@code limits.heldCommands}. */
  private final int mostCommands;

  /** {@code limits.heldBytes}. */
  private final long mostBytes;

  private final boolean goesOn;

  /**
   * The commands of each stream, none of them empty; the stream that has waited longest first. A
   * constant while nothing waits.
   */
  private Map<StreamRef, Deque<Command.OfStream>> streams = Map.of();

  /** How many of the commands count for the limit. */
  private int commands;

  /** The bytes of the commands that count for the limit. */
  private long bytes;

  /** When to look for requests that are too late: at their earliest deadline, or before it. */
  private long late = Engine.NEVER;

  /** Holds nothing yet, and another link may follow each one. */
  public Held(Limits limits) {
    this(limits, true);
  }

  /**
   * Holds nothing yet.
   *
   * @param goesOn whether another link may follow one that has ended, and take what waits
   */
  public Held(Limits limits, boolean goesOn) {
    this.mostCommands = limits.heldCommands();
    this.mostBytes = limits.heldBytes();
    this.goesOn = goesOn;
  }

  /** Whether another link may follow one that has ended, and take what waits. */
  public boolean goesOn() {
    return goesOn;
  }

  /** Whether none waits. */
  public boolean isEmpty() {
    return streams.isEmpty();
  }

  /** Whether this stream waits. What is asked of it must then wait here, too. */
  public boolean has(Stream stream) {
    return streams.containsKey(stream.ref());
  }

  /** How many streams wait. */
  public int streams() {
    return streams.size();
  }

  /** How many streams are to begin before this one, which waits too; -1 if it does not wait. */
  public int streamsBefore(StreamRef stream) {
    int before = 0;
    for (StreamRef each : streams.keySet()) {
      if (each == stream) {
        return before;
      }
      before++;
    }
    return -1;
  }

  /** Whether something waits that leaves the connection as it is, or that asks for a tunnel. */
  public boolean hasPlain() {
    return streams.values().stream().anyMatch(asked -> isPlain(asked.element()));
  }

  /**
   * Whether what waits with this wants an attempt before its time. An impatient request does. So
   * does anything plain after a connection ended that took no request with it, as idle ones do:
   * there is no failure then from which the server should be given time to recover.
   */
  public boolean isUrgent(Command.OfStream command, boolean unharmed) {
    boolean impatient = command instanceof Command.Request request && request.impatient();
    return (impatient || unharmed && isPlain(command)) && has(command.stream());
  }

  /** Whether this leaves the connection as it is, or asks for a tunnel. */
  private static boolean isPlain(Command.OfStream command) {
    return command instanceof Command.Connect
        || command instanceof Command.Request request && !request.upgrades();
  }

  /** Keeps what begins a stream, and what is for a stream that waits; any other has ended. */
  public void take(Command.OfStream command, Teller out) {
    if (!(command instanceof Command.Begin) && !has(command.stream())) {
      String ended = command instanceof Command.OfBody ? "the request" : "the WebSocket";
      Refusals.refuse(command, new Reason.BadState(command.operation(), ended + " has ended"), out);
    } else if (command instanceof Command.Cancel(var stream, var reason)) {
      giveUp(stream, reason, out);
    } else {
      add(command, out);
    }
  }

  /**
   * Keeps a command after the others of its stream, or refuses it if too many wait. What the
   * stream's gate has let in is always kept. A request that waits takes its new priority at once.
   */
  public void add(Command.OfStream command, Teller out) {
    if (command instanceof Command.SetPriority(var stream, var priority)
        && prioritize(stream, priority)) {
      return;
    }
    Reason full = isFree(command) ? null : full(command);
    if (full != null) {
      Refusals.refuse(command, full, out);
      return;
    }
    if (streams.isEmpty()) {
      streams = new LinkedHashMap<>(2);
    }
    streams.computeIfAbsent(command.stream().ref(), ref -> new ArrayDeque<>(1)).add(command);
    count(command, 1);
    if (command instanceof Command.Request request) {
      late = Math.min(late, request.deadline());
    } else if (command instanceof Command.SendPart part) {
      part.message().hold();
    }
  }

  /** Changes the priority of this stream if a request is its next command. */
  private boolean prioritize(Stream stream, Priority priority) {
    Deque<Command.OfStream> its = streams.get(stream.ref());
    if (its == null || !(its.element() instanceof Command.Request before)) {
      return false;
    }
    Command.Request changed =
        before.with(before.request().priority(priority.urgency(), priority.incremental()));
    its.remove();
    its.addFirst(changed);
    count(before, -1);
    count(changed, 1);
    return true;
  }

  /** Whether it does not count for the limits. */
  private static boolean isFree(Command.OfStream command) {
    return isGated(command) || command instanceof Command.SendPart part && part.message().isHeld();
  }

  /** Whether the gate of its stream has counted it. */
  private static boolean isGated(Command.OfStream command) {
    return command instanceof Command.OfBody || command instanceof Command.Send;
  }

  private @Nullable Reason full(Command.OfStream command) {
    if (commands >= mostCommands) {
      return new Reason.Limit(Reason.Bound.HELD_COMMANDS, mostCommands);
    }
    long more = command.held();
    return bytes > 0 && more > 0 && bytes + more > mostBytes
        ? new Reason.Limit(Reason.Bound.HELD_BYTES, mostBytes)
        : null;
  }

  private void count(Command.OfStream command, int sign) {
    if (!isGated(command)) {
      commands += sign;
      bytes += sign * command.held();
    }
  }

  /** The next command of the stream that has waited longest. */
  public Command.OfStream peek() {
    return streams.values().iterator().next().element();
  }

  /** Takes the next command of the stream that has waited longest. */
  public Command.OfStream remove() {
    Deque<Command.OfStream> first = streams.values().iterator().next();
    Command.OfStream command = first.remove();
    count(command, -1);
    if (first.isEmpty()) {
      remove(command.stream().ref());
    }
    return command;
  }

  private @Nullable Deque<Command.OfStream> remove(StreamRef stream) {
    Deque<Command.OfStream> its = streams.remove(stream);
    if (streams.isEmpty()) {
      streams = Map.of();
    }
    return its;
  }

  /** Refuses what waits for this stream. */
  public void giveUp(Stream stream, Reason reason, Teller out) {
    Deque<Command.OfStream> its = has(stream) ? remove(stream.ref()) : null;
    if (its != null) {
      its.forEach(command -> count(command, -1));
      its.forEach(command -> Refusals.refuse(command, reason, out));
    }
  }

  /** When to call {@link #giveUpLate}. */
  public long deadline() {
    return streams.isEmpty() ? Engine.NEVER : late;
  }

  /**
   * Gives up the requests that are too late by now.
   *
   * @param why what has kept a stream until now, such as the reason why there is no connection
   */
  public void giveUpLate(long now, Function<StreamRef, Optional<Reason>> why, Teller out) {
    if (now < deadline()) {
      return;
    }
    late = Engine.NEVER;
    for (Deque<Command.OfStream> asked : List.copyOf(streams.values())) {
      if (asked.element() instanceof Command.Request request && now >= request.deadline()) {
        giveUp(request.stream(), request.late(why.apply(request.stream().ref())), out);
      } else if (asked.element() instanceof Command.Request request) {
        late = Math.min(late, request.deadline());
      }
    }
  }

  /** Whether one of the requests that wait is like this. */
  public boolean any(Predicate<Command.Request> which) {
    return !requests(which).isEmpty();
  }

  /** Gives up the streams whose beginning is like this. */
  public void giveUp(Predicate<Command.Begin> which, Reason reason, Teller out) {
    for (Deque<Command.OfStream> asked : List.copyOf(streams.values())) {
      if (asked.element() instanceof Command.Begin begin && which.test(begin)) {
        giveUp(begin.stream(), reason, out);
      }
    }
  }

  /** Gives up the requests that fail with an attempt to connect. */
  public void giveUpImpatient(Reason reason, Teller out) {
    for (Command.Request request : requests(Command.Request::impatient)) {
      giveUp(request.stream(), reason, out);
    }
  }

  private List<Command.Request> requests(Predicate<Command.Request> which) {
    return streams.values().stream()
        .map(Deque::element)
        .filter(Command.Request.class::isInstance)
        .map(Command.Request.class::cast)
        .filter(which)
        .toList();
  }

  /** Takes everything, the stream that has waited longest first. */
  public List<Command.OfStream> removeAll() {
    List<Command.OfStream> all = new ArrayList<>();
    streams.values().forEach(all::addAll);
    streams = Map.of();
    commands = 0;
    bytes = 0;
    return all;
  }
}
