package dev.lariat.fleet.jdbc;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A database cannot be used for a fleet. */
public final class JdbcStoreException extends IOException {
  private static final long serialVersionUID = 1;

  /** Why a database cannot be used: a closed set. */
  public enum Problem {
    /** It cannot be reached, or refuses the user, or does not answer. */
    UNREACHABLE,
    /** It is not one of the supported ones, or is too old. */
    UNSUPPORTED,
    /** The tables are missing, and the user may not make them. */
    NO_TABLES,
    /** A fleet with the same name has another number of slots. */
    OTHER_SLOTS
  }

  /** What is wrong. */
  private final Problem problem;

  JdbcStoreException(Problem problem, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.problem = problem;
  }

  /** {@return why it cannot be used} */
  public Problem problem() {
    return problem;
  }
}
