package dev.lariat.fleet.yaml;

/** What happens as a {@link FeedWatch} reads its file: a closed set. */
public sealed interface FeedFileEvent {

  /**
   * The fleet has the feeds of the file.
   *
   * @param added how many of them are new
   * @param changed how many were different before
   * @param removed how many are not in the file any more
   */
  record Applied(int added, int changed, int removed) implements FeedFileEvent {}

  /**
   * The file could not be read, or says something that is not allowed. The feeds are as they were.
   *
   * @param cause why, with the place in the file
   */
  record Refused(Exception cause) implements FeedFileEvent {}

  /** The file has another budget than at the start. The fleet keeps the one that it has. */
  record BudgetKept() implements FeedFileEvent {}
}
