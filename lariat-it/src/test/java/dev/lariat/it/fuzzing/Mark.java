package dev.lariat.it.fuzzing;

/** The words that the suite judges with. */
enum Mark {
  OK("OK"),
  NON_STRICT("NON-STRICT"),
  INFORMATIONAL("INFORMATIONAL"),
  UNIMPLEMENTED("UNIMPLEMENTED"),
  FAILED("FAILED"),
  /** Of the close alone: another code than those that were expected. */
  WRONG_CODE("WRONG CODE"),
  /** Of the close alone: no close handshake where one was due. */
  UNCLEAN("UNCLEAN");

  private final String word;

  Mark(String word) {
    this.word = word;
  }

  @Override
  public String toString() {
    return word;
  }
}
