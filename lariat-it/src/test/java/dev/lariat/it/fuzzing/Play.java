package dev.lariat.it.fuzzing;

/** What a case does with a client that has connected for it. */
sealed interface Play permits Script, Rounds {

  /** Plays it to the end of the connection. */
  Verdict with(Link link, Pace pace);
}
