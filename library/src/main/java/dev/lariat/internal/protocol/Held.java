package dev.lariat.internal.protocol;

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
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The streams of one connection that have not begun, in their order, each with what was asked of it
 * so far: up to a limit of commands. They wait for the connection to be established, or for their
 * turn, and the end of a link takes none of them with it.
 */
public final class Held {
  private final int limit;
  private final Map<StreamRef, Deque<Command.OfStream>> streams = new LinkedHashMap<>();
  private int commands;
  private long late = Engine.NEVER; // not after the deadline of any request

  /** None yet. */
  public Held(Limits limits) {
    this.limit = limits.heldCommands();
  }

  /** Whether none waits. */
  public boolean isEmpty() {
    return streams.isEmpty();
  }

  /** Whether this stream waits, which nothing that is asked of it may overtake. */
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

  /** Whether a request waits that asks for no other protocol. */
  public boolean hasPlain() {
    return streams.values().stream().anyMatch(asked -> isPlain(asked.element()));
  }

  private static boolean isPlain(Command.OfStream command) {
    return command instanceof Command.Request request && !request.upgrades();
  }

  /**
   * Keeps a command behind the others of its stream, or refuses it where too many wait. The parts
   * of a body are bounded by their gate instead, and none may be missing.
   */
  public void add(Command.OfStream command, Out out) {
    if (!(command instanceof Command.OfBody) && commands >= limit) {
      Engine.refuse(command, new Reason.Limit(Reason.Bound.HELD_COMMANDS, limit), out);
      return;
    }
    streams.computeIfAbsent(command.stream().ref(), ref -> new ArrayDeque<>(1)).add(command);
    commands++;
    if (command instanceof Command.Request request) {
      late = Math.min(late, request.deadline());
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
    commands--;
    if (first.isEmpty()) {
      streams.remove(command.stream().ref());
    }
    return command;
  }

  /** Refuses what waits for this stream. */
  public void giveUp(Stream stream, Reason reason, Out out) {
    Deque<Command.OfStream> its = streams.remove(stream.ref());
    if (its != null) {
      commands -= its.size();
      its.forEach(command -> Engine.refuse(command, reason, out));
    }
  }

  /** When to call {@link #giveUpLate}. */
  public long deadline() {
    return streams.isEmpty() ? Engine.NEVER : late;
  }

  /**
   * Gives up the requests that are too late by now.
   *
   * @param why why there is no connection, if they wait for one
   */
  public void giveUpLate(long now, Supplier<Optional<Reason>> why, Out out) {
    if (now < deadline()) {
      return;
    }
    late = Engine.NEVER;
    for (Deque<Command.OfStream> asked : List.copyOf(streams.values())) {
      if (asked.element() instanceof Command.Request request && now >= request.deadline()) {
        giveUp(request.stream(), request.late(why.get()), out);
      } else if (asked.element() instanceof Command.Request request) {
        late = Math.min(late, request.deadline());
      }
    }
  }

  /** Whether one of the requests that wait is like this. */
  public boolean any(Predicate<Command.Request> which) {
    return !requests(which).isEmpty();
  }

  /** Gives up the requests that fail with an attempt to connect. */
  public void giveUpImpatient(Reason reason, Out out) {
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

  /** Takes all. */
  public List<Command.OfStream> removeAll() {
    List<Command.OfStream> all = new ArrayList<>(commands);
    streams.values().forEach(all::addAll);
    streams.clear();
    commands = 0;
    return all;
  }
}
