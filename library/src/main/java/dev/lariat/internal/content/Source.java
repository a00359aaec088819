package dev.lariat.internal.content;

import dev.lariat.internal.codec.Violation;

/** Bytes that are asked for: those that arrived, or what a coding makes of another source. */
interface Source {

  /**
   * Reads as much as there is room for, or as there is.
   *
   * @return how many bytes; 0 where more must arrive first
   */
  int read(byte[] room) throws Violation;

  /** Checks that this may be the end, when nothing more is read and nothing more arrives. */
  void end() throws Violation;

  /** Frees what it holds; it is not read any more. */
  void release();
}
