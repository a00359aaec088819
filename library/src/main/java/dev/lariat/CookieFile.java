package dev.lariat;

import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.CookieStore;
import dev.lariat.cookie.RequestUri;
import dev.lariat.internal.codec.NetscapeCookies;
import dev.lariat.option.CookieLimits;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
 * A {@link CookieJar} that is kept in a file of Netscape's format, as curl's {@code -b} reads and
 * its {@code -c} writes it. It is read once, when it is opened. A change is written within a
 * second, on a thread of its own, and at once by {@link #save} and {@link #close}; each time the
 * whole file is replaced, so that no reader ever finds half of it, and cookies that another program
 * has written meanwhile are lost. The file is its owner's alone to read.
 *
 * <p>As with curl, the cookies of a session are kept too; {@link CookieJar#endSession} forgets
 * them. The format has no place for {@code SameSite} and the times of creation, and none for
 * cookies without a name or with a tab in the name or path: these live in memory only.
 *
 * <p>All methods may be called from any thread; {@link #open}, {@link #save} and {@link #close}
 * block.
 */
public final class CookieFile implements CookieStore, Closeable {
  private static final Logger LOG = System.getLogger("dev.lariat");
  private static final Executor SOON =
      CompletableFuture.delayedExecutor(
          1, TimeUnit.SECONDS, task -> Thread.ofVirtual().name("lariat-cookie-file").start(task));

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
   * Opens a file with the default limits, by the system's clock.
   *
   * @throws IOException if it is there and cannot be read
   */
  public static CookieFile open(Path path) throws IOException {
    return open(path, CookieLimits.DEFAULT, InstantSource.system());
  }

  /**
   * Opens a file, which need not be there yet.
   *
   * @param limits how many cookies are kept
   * @param clock by which they expire
   * @throws IOException if it is there and cannot be read
   */
  public static CookieFile open(Path path, CookieLimits limits, InstantSource clock)
      throws IOException {
    return open(path, limits, clock, SOON);
  }

  /** Opens a file that is written by this executor. */
  static CookieFile open(Path path, CookieLimits limits, InstantSource clock, Executor soon)
      throws IOException {
    Path real = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
    CookieFile file = new CookieFile(real, limits, clock, soon);
    if (Files.exists(real)) {
      String text = Files.readString(real, StandardCharsets.ISO_8859_1);
      file.jar.fill(NetscapeCookies.read(text, clock.instant()));
    }
    return file;
  }

  /** The cookies themselves: to look at them, to add or to forget some. */
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
   * Writes the file now, if there is a change that it does not have.
   *
   * @throws IOException if it cannot be written; the next change, or call, tries again
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

  private void write(String text) throws IOException {
    Path half = Files.createTempFile(path.getParent(), path.getFileName().toString(), ".new");
    try {
      Files.writeString(half, text, StandardCharsets.ISO_8859_1);
      try {
        Files.move(half, path, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(half, path, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      Files.deleteIfExists(half);
    }
  }

  /** The same as {@link #save}: what connections store later is still written. */
  @Override
  public void close() throws IOException {
    save();
  }
}
