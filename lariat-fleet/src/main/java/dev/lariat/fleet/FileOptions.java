package dev.lariat.fleet;

import java.time.Duration;

/**
 * When {@link Sink#files} begins another file, and how many it keeps.
 *
 * @param bytes another file begins when this one has so many bytes: 1 to 2^50, 256 MiB by default
 * @param age or when it is so old: 1 s to 365 days, 1 day by default
 * @param keep how many files are kept, with the current one; the oldest are deleted: 1 to
 *     1,000,000, 1,000,000 by default
 */
public record FileOptions(long bytes, Duration age, int keep) {
  private static final int ALL = 1_000_000;

  /** The defaults of every option. */
  public static final FileOptions DEFAULT = new FileOptions(256 << 20, Duration.ofDays(1), ALL);

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  public FileOptions {
    Allowed.range("files.bytes", bytes, 1, 1L << 50);
    Allowed.range("files.age", age, Duration.ofSeconds(1), Duration.ofDays(365));
    Allowed.range("files.keep", keep, 1, ALL);
  }

  /**
   * {@return these options, with another size of files}
   *
   * @param bytes 1 to 2^50
   * @throws IllegalArgumentException if it is out of range
   */
  public FileOptions bytes(long bytes) {
    return new FileOptions(bytes, age, keep);
  }

  /**
   * {@return these options, with another age of files}
   *
   * @param age 1 s to 365 days
   * @throws IllegalArgumentException if it is out of range
   */
  public FileOptions age(Duration age) {
    return new FileOptions(bytes, age, keep);
  }

  /**
   * {@return these options, with another number of files}
   *
   * @param keep 1 to 1,000,000
   * @throws IllegalArgumentException if it is out of range
   */
  public FileOptions keep(int keep) {
    return new FileOptions(bytes, age, keep);
  }
}
