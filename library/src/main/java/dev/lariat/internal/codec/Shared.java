package dev.lariat.internal.codec;

import java.util.Base64;
import java.util.random.RandomGenerator;

/** What the WebSockets of one event loop share, since only one of them runs at a time. */
public final class Shared {
  private static final int SCRATCH =
      64 << 10; // holds nearly every text and compressed message; larger ones get room of their own

  private static final int NONCE = 16; // RFC 6455 section 4.1

  private final RandomGenerator secrets;
  final MaskKeys keys;
  final Zlib zlib = new Zlib();

  /** Room for use during one call. */
  public final byte[] scratch = new byte[SCRATCH];

  /** Writes frames with this loop's mask keys. */
  public final FrameEncoder encoder;

  /**
   * What the WebSockets of a new event loop share.
   *
   * @param secrets gives numbers that no server can foresee
   */
  public Shared(RandomGenerator secrets) {
    this.secrets = secrets;
    this.keys = new MaskKeys(secrets);
    this.encoder = new FrameEncoder(keys);
  }

  /** A fresh {@code Sec-WebSocket-Key}. */
  public String handshakeKey() {
    byte[] nonce = new byte[NONCE];
    secrets.nextBytes(nonce);
    return Base64.getEncoder().encodeToString(nonce);
  }
}
