package dev.lariat.internal.codec;

/** What the WebSockets of one event loop share, since only one of them runs at a time. */
public final class Shared {
  private static final int SCRATCH =
      64 << 10; // holds nearly every text and compressed message; larger ones get room of their own

  final MaskKeys keys = new MaskKeys();
  final Zlib zlib = new Zlib();

  /** Room for use during one call. */
  public final byte[] scratch = new byte[SCRATCH];

  /** Writes frames with this loop's mask keys. */
  public final FrameEncoder encoder = new FrameEncoder(keys);
}
