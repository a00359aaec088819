package dev.lariat.internal.topics;

import java.util.LinkedHashSet;
import java.util.Set;

/** A topic, with who reads it. */
final class Topic<R, S> {
  enum State {
    NEW,
    OPEN,
    GAP
  }

  final String name;
  final Socket<R, S> socket;
  final Set<R> readers = new LinkedHashSet<>(2);
  State state = State.NEW;
  long lingersUntil = Subscriptions.NEVER; // NEVER while it has readers

  Topic(String name, Socket<R, S> socket) {
    this.name = name;
    this.socket = socket;
  }
}
