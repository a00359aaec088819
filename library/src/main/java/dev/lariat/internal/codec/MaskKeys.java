package dev.lariat.internal.codec;

import java.security.GeneralSecurityException;
import java.util.random.RandomGenerator;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Mask keys that nobody can predict (RFC 6455 section 10.3): the key stream of AES in counter mode,
 * seeded from the system, in blocks. One source serves all connections of an event loop.
 */
final class MaskKeys {
  private static final int BLOCK =
      4096; // makes the cost of a refill vanish, and is quickly made at the first use

  private final byte[] zeros = new byte[BLOCK];
  private final byte[] stream = new byte[BLOCK];
  private final RandomGenerator random;
  private @Nullable Cipher cipher; // null before the first key: only WebSockets need any
  private int next = BLOCK;

  /** A source whose seed comes from here. */
  MaskKeys(RandomGenerator random) {
    this.random = random;
  }

  /** The next key. */
  int next() {
    if (next == BLOCK) {
      refill();
    }
    int key = ByteArrays.intAt(stream, next);
    next += Integer.BYTES;
    return key;
  }

  private void refill() {
    if (cipher == null) {
      cipher = seeded();
    }
    try {
      cipher.update(zeros, 0, BLOCK, stream, 0);
    } catch (ShortBufferException e) {
      throw new IllegalStateException("a stream cipher gives as much as it takes", e);
    }
    next = 0;
  }

  private Cipher seeded() {
    byte[] key = new byte[16];
    byte[] counter = new byte[16];
    random.nextBytes(key);
    random.nextBytes(counter);
    try {
      Cipher seeded = Cipher.getInstance("AES/CTR/NoPadding");
      seeded.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(counter));
      return seeded;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has AES", e);
    }
  }
}
