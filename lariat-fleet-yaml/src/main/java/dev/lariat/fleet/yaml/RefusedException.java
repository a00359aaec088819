package dev.lariat.fleet.yaml;

/** What a file says is not allowed. The message names the place. */
final class RefusedException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  RefusedException(String message) {
    super(message);
  }
}
