package dev.lariat.it.fuzzing;

/** Messages cut one after the other out of some octets, which begin again at their end. */
final class Slices {
  private final boolean binary;
  private final byte[] octets;
  private int at;

  Slices(boolean binary, byte[] octets) {
    this.binary = binary;
    this.octets = octets;
  }

  boolean binary() {
    return binary;
  }

  byte[] next(int size) {
    byte[] slice = new byte[size];
    for (int i = 0; i < size; i++) {
      slice[i] = octets[at];
      at = at + 1 == octets.length ? 0 : at + 1;
    }
    return slice;
  }
}
