package dev.lariat.internal.protocol;

import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Limits;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Commands that wait in their order, up to a limit. */
public final class Held {
  private final int limit;
  private final Deque<Command.OfStream> commands = new ArrayDeque<>(0);

  /** None yet. */
  public Held(Limits limits) {
    this.limit = limits.heldCommands();
  }

  /** Whether none waits. */
  public boolean isEmpty() {
    return commands.isEmpty();
  }

  /** Whether one for this stream waits, which no other for it may overtake. */
  public boolean has(Stream stream) {
    return commands.stream().anyMatch(command -> command.stream() == stream);
  }

  /** How many streams those that wait would begin. */
  public int streams() {
    return (int) commands.stream().filter(Command.OfStream::begins).count();
  }

  /** How many streams are to begin before this one, which waits too; -1 where it does not. */
  public int streamsBefore(StreamRef stream) {
    int before = 0;
    for (Command.OfStream command : commands) {
      if (command.stream().ref() == stream) {
        return before;
      }
      before += command.begins() ? 1 : 0;
    }
    return -1;
  }

  /**
   * Keeps a command behind the others, or refuses it where too many wait. The parts of a body are
   * bounded by their gate instead, and none may be missing.
   */
  public void add(Command.OfStream command, Out out) {
    if (command instanceof Command.OfBody || commands.size() < limit) {
      commands.add(command);
    } else {
      Engine.refuse(command, new Reason.Limit(Reason.Bound.HELD_COMMANDS, limit), out);
    }
  }

  /** Takes the one that has waited longest. */
  public Command.OfStream remove() {
    return commands.remove();
  }

  /** Refuses what waits for this stream. */
  public void giveUp(Stream stream, Reason reason, Out out) {
    List<Command.OfStream> its =
        commands.stream().filter(command -> command.stream() == stream).toList();
    commands.removeAll(its);
    its.forEach(command -> Engine.refuse(command, reason, out));
  }

  /** When the first of the requests that wait is too late. */
  public long deadline() {
    long deadline = Engine.NEVER;
    for (Command.OfStream command : commands) {
      if (command instanceof Command.Request request) {
        deadline = Math.min(deadline, request.deadline());
      }
    }
    return deadline;
  }

  /** Gives up the requests that are too late by now. */
  public void giveUpLate(long now, Out out) {
    for (Command.OfStream command : List.copyOf(commands)) {
      if (command instanceof Command.Request request && now >= request.deadline()) {
        giveUp(request.stream(), request.late(), out);
      }
    }
  }

  /** Takes all. */
  public List<Command.OfStream> removeAll() {
    List<Command.OfStream> all = List.copyOf(commands);
    commands.clear();
    return all;
  }
}
