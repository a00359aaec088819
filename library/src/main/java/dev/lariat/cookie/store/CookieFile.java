package dev.lariat.cookie.store;

import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.CookieStore;
import dev.lariat.cookie.RequestUri;
import dev.lariat.internal.codec.NetscapeCookies;
import dev.lariat.internal.entrance.Replacing;
import dev.lariat.option.CookieLimits;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A {@link CookieJar} that also keeps its cookies in a file in Netscape's format, which curl reads
 * with {@code -b} and writes with {@code -c}. It reads the file once, when you open it. It writes a
 * change within a second, on a separate thread; {@link #save} and {@link #close} write it at once.
 * Each time it replaces the whole file, so that a reader never sees half of it. Cookies that
 * another program wrote to the file since then are lost. It writes the new content to a file in the
 * same directory first, whose name ends in {@code .new}. Only the owner of the file can read it.
 * The file must be a regular file, or not exist yet; a symbolic link is followed.
 *
 * <p>As in curl, the file also has session cookies; {@link CookieJar#endSession} removes them. The
 * format cannot represent {@code SameSite}, times of creation, or cookies without a name or with a
 * tab in the name or path. These are kept in memory only.
 *
 * <p>You can call all methods from any thread. {@link #open}, {@link #save} and {@link #close}
 * block.
 */
public final class CookieFile implements CookieStore, Closeable {
  private static final Logger LOG = System.getLogger("dev.lariat");
  private static final Executor SOON =
      CompletableFuture.delayedExecutor(
          1, TimeUnit.SECONDS, task -> Thread.ofVirtual().name("lariat-cookie-file").start(task));

  private static final int MOST_LINKS = 40; // as Linux has it
  private static final String OWNERS = "rw-------";

  private final Path path;
  private final Executor soon;
  private final CookieJar jar;
  private final AtomicLong changes = new AtomicLong();
  private final AtomicBoolean saving = new AtomicBoolean(); // soon
  private final ReentrantLock writing = new ReentrantLock();
  private long written; // how many changes the file has

  private CookieFile(Path path, CookieLimits limits, InstantSource clock, Executor soon) {
    this.path = path;
    this.soon = soon;
    this.jar = new CookieJar(limits, clock, this::changed);
  }

  /**
   * Opens a file with the default limits and the system's clock.
   *
   * @param path the path of the file
   * @return the store
   * @throws IOException if it is there and cannot be read, or is not a regular file
   */
  public static CookieFile open(Path path) throws IOException {
    return open(path, CookieLimits.DEFAULT, InstantSource.system());
  }

  /**
   * Opens a file, which does not have to exist yet.
   *
   * @param path the path of the file
   * @param limits how many cookies are kept
   * @param clock the clock that decides when they expire
   * @return the store
   * @throws IOException if it is there and cannot be read, or is not a regular file
   */
  public static CookieFile open(Path path, CookieLimits limits, InstantSource clock)
      throws IOException {
    return open(path, limits, clock, SOON);
  }

  /** Opens a file that is written by this executor. */
  static CookieFile open(Path path, CookieLimits limits, InstantSource clock, Executor soon)
      throws IOException {
    Path real = target(path);
    CookieFile file = new CookieFile(real, limits, clock, soon);
    if (Files.exists(real)) {
      if (!Files.isRegularFile(real)) { // a pipe would block, a device would give no end of it
        throw new FileSystemException(path.toString(), null, "is not a regular file");
      }
      String text = Files.readString(real, StandardCharsets.ISO_8859_1);
      file.jar.fill(NetscapeCookies.read(text, clock.instant()));
    }
    return file;
  }

  /**
   * The file that a path leads to, also through links to a file that is not there yet: it is the
   * file that is replaced, and not a link to it.
   */
  private static Path target(Path path) throws IOException {
    Path at = path.toAbsolutePath();
    for (int links = 0; Files.isSymbolicLink(at) && !Files.exists(at); links++) {
      if (links == MOST_LINKS) {
        throw new FileSystemLoopException(path.toString());
      }
      at = at.resolveSibling(Files.readSymbolicLink(at));
    }
    return Files.exists(at) ? at.toRealPath() : at;
  }

  /** {@return the cookies, so that you can read, add or remove some} */
  public CookieJar jar() {
    return jar;
  }

  @Override
  public List<Cookie> cookies(RequestUri uri) {
    return jar.cookies(uri);
  }

  @Override
  public void store(Cookie cookie, RequestUri from) {
    jar.store(cookie, from);
  }

  @Override
  public Instant now() {
    return jar.now();
  }

  private void changed() {
    changes.incrementAndGet();
    if (saving.compareAndSet(false, true)) {
      soon.execute(this::saveSoon);
    }
  }

  private void saveSoon() {
    saving.set(false); // a change from here on is saved another time
    try {
      save();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cookies were not saved to " + path, e);
    }
  }

  /**
   * Writes the file now, if there is a change since the last time.
   *
   * @throws IOException if the file cannot be written; the next change or call tries again
   */
  public void save() throws IOException {
    writing.lock();
    try {
      long upTo = changes.get();
      if (upTo != written) {
        write(NetscapeCookies.write(jar.all()));
        written = upTo;
      }
    } finally {
      writing.unlock();
    }
  }

  /**
   * Replaces the file. The new one has the same name each time until then, so that a program that
   * is killed leaves at most one behind, which the next save removes.
   */
  private void write(String text) throws IOException {
    Path half = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(half);
    try {
      Files.createFile(half, ownersAlone());
      Files.writeString(half, text, StandardCharsets.ISO_8859_1);
      Replacing.move(half, path);
    } finally {
      Files.deleteIfExists(half);
    }
  }

  private FileAttribute<?>[] ownersAlone() {
    boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNERS))
        }
        : new FileAttribute<?>[0];
  }

  /** Does the same as {@link #save}. What connections store later is still written. */
  @Override
  public void close() throws IOException {
    save();
  }
}
