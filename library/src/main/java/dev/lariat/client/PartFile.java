package dev.lariat.client;

import dev.lariat.FailedException;
import dev.lariat.internal.download.PartState;
import dev.lariat.internal.entrance.Await;
import dev.lariat.internal.entrance.Replacing;
import dev.lariat.message.Reason;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The part of a file that a download has, and the state that says how to continue it: two files
 * beside the file that it becomes. The part is locked, so that no other download writes to it.
 *
 * <p>The state is deleted before the bytes that it is about are, and written before the first byte.
 * So a process that is killed at any time leaves bytes of the version that the state names, or no
 * state.
 */
final class PartFile implements Closeable {
  private static final int CHUNK = 256 << 10;
  private static final int TRIES = 100; // each fails only if another download has just ended

  /**
   * The parts of this process. A lock of the operating system does not stop another thread, and is
   * lost when that thread closes the file.
   */
  private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

  private final Path target;
  private final Path part;
  private final Path state;
  private final FileChannel channel; // locked; at the end of the bytes that count

  private PartFile(Path target, Path part, Path state, FileChannel channel) {
    this.target = target;
    this.part = part;
    this.state = state;
    this.channel = channel;
  }

  /**
   * Opens the part of this file, which has a name. The part can be empty.
   *
   * @throws FailedException if another download has it
   * @throws IOException if it cannot be written
   */
  static PartFile open(Path file) throws IOException {
    Path name = Objects.requireNonNull(file.getFileName());
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent()).toRealPath();
    Path target = folder.resolve(name.toString());
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      throw new FileSystemException(file.toString(), null, "is not a regular file");
    }
    Path part = target.resolveSibling(name + ".lariat-part");
    Path state = target.resolveSibling(name + ".lariat-state");
    if (!OPEN.add(part)) {
      throw busy(file);
    }
    try {
      return new PartFile(target, part, state, locked(part, file));
    } catch (IOException | RuntimeException | Error e) {
      OPEN.remove(part);
      throw e;
    }
  }

  private static FailedException busy(Path file) {
    return new FailedException(
        new Reason.BadState("download", "another download writes to " + file));
  }

  /**
   * Opens and locks the part. A download of another process can end between the two, and the file
   * that was opened is then the complete one. So its identity is looked at before and after.
   */
  private static FileChannel locked(Path part, Path file) throws IOException {
    for (int i = 0; i < TRIES; i++) {
      try {
        Files.createFile(part);
      } catch (FileAlreadyExistsException e) {
        // it is continued
      }
      Object before = identity(part);
      FileChannel channel;
      try {
        channel =
            FileChannel.open(
                part,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS); // somebody else could have put a link there
      } catch (NoSuchFileException e) {
        continue;
      }
      boolean kept = false;
      try {
        if (channel.tryLock() == null) {
          throw busy(file);
        }
        kept = Objects.equals(before, identity(part)) && Files.exists(part);
        if (kept) {
          return channel;
        }
      } catch (OverlappingFileLockException e) { // of this process, by another name
        throw busy(file);
      } catch (ClosedByInterruptException e) {
        throw Await.interrupted("download");
      } finally {
        if (!kept) {
          channel.close();
        }
      }
    }
    throw busy(file);
  }

  private static @Nullable Object identity(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  long length() throws IOException {
    try {
      return channel.size();
    } catch (ClosedByInterruptException e) {
      throw Await.interrupted("download");
    }
  }

  /** Whether an earlier download has left something that may be continued. */
  boolean isContinued() {
    return Files.exists(state, LinkOption.NOFOLLOW_LINKS);
  }

  /** What is kept beside the part; empty if there is nothing, or nothing that can be read. */
  Optional<PartState> state() throws IOException {
    if (!Files.isRegularFile(state, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(state)) {
      return PartState.parse(in.readNBytes(PartState.MOST));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (ClosedByInterruptException e) {
      throw Await.interrupted("download");
    }
  }

  /** Keeps nothing of the part, and begins one with this state. */
  void begin(Optional<PartState> its) throws IOException {
    Files.deleteIfExists(state);
    truncate(0);
    if (its.isPresent()) {
      save(its.get());
    }
  }

  /** Keeps this many bytes of the part. */
  void keep(long length, PartState its) throws IOException {
    truncate(length);
    save(its);
  }

  private void truncate(long length) throws IOException {
    uninterrupted(() -> channel.truncate(length).position(length));
  }

  private void save(PartState its) throws IOException {
    Path next = state.resolveSibling(state.getFileName() + ".new");
    Files.deleteIfExists(next);
    try {
      uninterrupted(
          () ->
              Files.write(
                  next, its.encode(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
      Replacing.move(next, state);
    } finally {
      Files.deleteIfExists(next);
    }
  }

  void write(ByteBuffer bytes) throws IOException {
    uninterrupted(
        () -> {
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
  }

  /** The SHA-256 of the part. */
  byte[] sha256() throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // each Java has it
    }
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    uninterrupted(
        () -> {
          for (long at = 0; channel.read(chunk, at) >= 0; at += chunk.limit(), chunk.clear()) {
            digest.update(chunk.flip());
          }
        });
    return digest.digest();
  }

  /** The part is whole: it becomes the file. */
  void finish() throws IOException {
    uninterrupted(() -> channel.force(true));
    Replacing.move(part, target);
    Files.deleteIfExists(state);
  }

  /** Leaves nothing behind. */
  void discard() throws IOException {
    Files.deleteIfExists(state);
    Files.deleteIfExists(part);
  }

  private interface Work {
    void run() throws IOException;
  }

  /** An interrupt closes the channel: it ends the download as it does while it waits. */
  private static void uninterrupted(Work work) throws IOException {
    try {
      work.run();
    } catch (ClosedByInterruptException e) {
      throw Await.interrupted("download");
    }
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      OPEN.remove(part);
    }
  }
}
