package dev.lariat.fleet;

import dev.lariat.fleet.FeedInfo.State;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Reason;
import dev.lariat.option.Endpoint;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One live connection of a run; a pair has two. What has no other note is of the slot's thread. */
final class Line {
  final Run run;
  final int number; // 1 or 2
  final Endpoint endpoint; // where it begins
  @Nullable LiveRef live; // set as it opens

  long session; // the newest
  State state = State.CONNECTING;
  Optional<Reason> reason = Optional.empty();

  // Under the lock of its run.
  int begun; // how many attempts have begun
  int seen; // how many of them the slot's thread has seen

  Line(Run run, int number, Endpoint endpoint) {
    this.run = run;
    this.number = number;
    this.endpoint = endpoint;
  }

  void now(State its, Optional<Reason> why) {
    state = its;
    reason = why;
  }
}
