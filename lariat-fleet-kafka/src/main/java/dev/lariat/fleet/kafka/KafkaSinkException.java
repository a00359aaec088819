package dev.lariat.fleet.kafka;

import java.io.IOException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** Kafka cannot be used for a fleet, or has not taken a batch. */
public final class KafkaSinkException extends IOException {
  private static final long serialVersionUID = 1;

  /** Why Kafka cannot be used, or has not taken a batch: a closed set. */
  public enum Problem {
    /** No broker can be reached, or none answers in time. */
    UNREACHABLE,
    /** It refuses this client, or does not allow it what a fleet does. */
    FORBIDDEN,
    /** The topic of the events does not exist. */
    NO_TOPIC,
    /** The topic of the positions is not compacted, or not only that: it would forget positions. */
    NOT_COMPACTED,
    /** The topic of the positions is that of a fleet with another number of slots. */
    OTHER_SLOTS,
    /** An event is larger than Kafka or its client allow. */
    TOO_LARGE,
    /** Something else, as the cause says. */
    OTHER
  }

  /** What is wrong. */
  private final Problem problem;

  KafkaSinkException(Problem problem, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.problem = problem;
  }

  /** What Kafka's client has thrown. */
  static KafkaSinkException of(String what, Throwable cause) {
    Throwable known = cause;
    while (problem(known) == Problem.OTHER && known.getCause() != null) {
      known = known.getCause();
    }
    return new KafkaSinkException(problem(known), what + ": " + known.getMessage(), cause);
  }

  private static Problem problem(Throwable cause) {
    if (cause instanceof TimeoutException || cause instanceof DisconnectException) {
      return Problem.UNREACHABLE;
    }
    if (cause instanceof AuthorizationException || cause instanceof AuthenticationException) {
      return Problem.FORBIDDEN;
    }
    if (cause instanceof UnknownTopicOrPartitionException) {
      return Problem.NO_TOPIC;
    }
    return cause instanceof RecordTooLargeException ? Problem.TOO_LARGE : Problem.OTHER;
  }

  /** {@return what is wrong} */
  public Problem problem() {
    return problem;
  }
}
