package dev.lariat.client;

import dev.lariat.internal.cache.EntryFormat;
import dev.lariat.internal.cache.Fingerprints;
import dev.lariat.internal.cache.Shelf;
import dev.lariat.internal.cache.Stored;
import dev.lariat.message.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Responses in a folder, each in its own file of the {@link EntryFormat}. Its name is made of
 * hashes of the key and of the variant, so that the list of files is the index. A file is written
 * under another name, and gets its own when it is whole. Files are read and written without the
 * lock; their names change under it.
 */
final class Folder implements Storage {
  private static final Logger LOG = System.getLogger("dev.lariat");

  /** Those that are open in this process. A lock of a file is one of the whole process. */
  private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

  private static final String LOCK = "lariat-cache.lock";
  private static final String HALF = ".new";
  private static final Pattern NAME = Pattern.compile("([0-9a-f]{32})-([0-9a-f]{32})\\.response");
  private static final Pattern HALF_NAME = Pattern.compile("[0-9]+\\.new");

  private final Path path;
  private final long total;
  private final Set<String> logged = ConcurrentHashMap.newKeySet(); // why nothing was stored

  private final AtomicLong halves = new AtomicLong();
  private final Lock lock = new ReentrantLock();

  // under the lock
  private FileChannel channel; // of the file that other processes look at
  private final Shelf<Path> shelf;
  private boolean closed;

  private Folder(Path path, FileChannel channel, long total) {
    this.path = path;
    this.channel = channel;
    this.total = total;
    this.shelf = new Shelf<>(total);
  }

  /**
   * Opens a folder, which is made if it is not there.
   *
   * @throws FolderInUseException if another cache uses it
   * @throws IOException if it cannot be made or read
   */
  static Folder open(Path given, long total) throws IOException {
    if (!Files.isDirectory(given)) {
      Files.createDirectories(given, forOwner(given, "rwx------"));
    }
    Path path = given.toRealPath();
    if (!OPEN.add(path)) {
      throw new FolderInUseException(path.toString());
    }
    FileChannel channel = null;
    try {
      channel = locked(path);
      Folder folder = new Folder(path, channel, total);
      folder.fillShelf();
      return folder;
    } catch (IOException | RuntimeException | Error e) {
      OPEN.remove(path);
      if (channel != null) {
        channel.close();
      }
      throw e;
    }
  }

  private static FileChannel locked(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path.resolve(LOCK),
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
            forOwner(path, "rw-------"));
    FileLock held = channel.tryLock();
    if (held == null) {
      channel.close();
      throw new FolderInUseException(path.toString());
    }
    return channel;
  }

  private static FileAttribute<?>[] forOwner(Path path, String permissions) {
    boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
    Set<PosixFilePermission> set = PosixFilePermissions.fromString(permissions);
    return posix
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(set)}
        : new FileAttribute<?>[0];
  }

  /** A file, as the folder lists it. */
  private record Listed(Path file, Matcher name, long size, FileTime written) {}

  /** Takes what is there, the oldest first, and removes what was not written to its end. */
  private void fillShelf() throws IOException {
    List<Listed> all = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        Matcher matcher = NAME.matcher(name);
        if (matcher.matches()) {
          BasicFileAttributes its =
              Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
          if (its.isRegularFile()) {
            all.add(new Listed(file, matcher, its.size(), its.lastModifiedTime()));
          } else { // a link could lead to nothing, and a pipe would never end
            delete(file);
          }
        } else if (HALF_NAME.matcher(name).matches()) {
          delete(file);
        }
      }
    }
    all.sort(Comparator.comparing(Listed::written));
    for (Listed each : all) {
      shelf
          .put(each.name.group(1), each.name.group(2), each.file, each.size)
          .forEach(Folder::delete);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "a file of the cache stays: " + file, e); // the next time it is gone
    }
  }

  private static String hashed(Stored stored) {
    return Fingerprints.hash(stored.variant().name());
  }

  private Path file(Stored stored) {
    return path.resolve(Fingerprints.hash(stored.key()) + "-" + hashed(stored) + ".response");
  }

  @Override
  public List<Stored> find(String key) {
    List<Path> files;
    lock.lock();
    try {
      files = shelf.all(Fingerprints.hash(key));
    } finally {
      lock.unlock();
    }
    List<Stored> found = new ArrayList<>();
    for (Path file : files) {
      read(file, Folder::head, its -> its.key().equals(key)).ifPresent(found::add);
    }
    return found;
  }

  private interface Reader {
    Optional<Stored> read(Path file) throws IOException;
  }

  /**
   * Reads a file. One that is gone, or has something else in it, is a response that is not there.
   * What cannot be read now, for example because too many files are open, may be sound.
   */
  private Optional<Stored> read(Path file, Reader reader, Predicate<Stored> expected) {
    Optional<Stored> stored;
    try {
      stored = reader.read(file).filter(expected);
    } catch (NoSuchFileException e) {
      stored = Optional.empty();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "a file of the cache cannot be read: " + file, e);
      return Optional.empty();
    }
    if (stored.isEmpty()) {
      forget(file);
    }
    return stored;
  }

  private static Optional<Stored> head(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] prefix = in.readNBytes(EntryFormat.PREFIX);
      int length = EntryFormat.headed(prefix).orElse(0);
      if (length > Files.size(file)) { // a damaged length: it is not worth the memory
        return Optional.empty();
      }
      byte[] beginning = Arrays.copyOf(prefix, Math.max(length, prefix.length));
      in.readNBytes(beginning, prefix.length, beginning.length - prefix.length);
      return EntryFormat.decodeHead(beginning);
    }
  }

  private void forget(Path file) {
    Matcher name = NAME.matcher(file.getFileName().toString());
    lock.lock();
    try {
      if (name.matches() && shelf.remove(name.group(1), name.group(2)).isPresent()) {
        delete(file);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<Bytes> body(Stored found) {
    return read(file(found), file -> EntryFormat.decode(Files.readAllBytes(file)), its -> true)
        .filter(its -> its.body(Bytes.EMPTY).equals(found.body(Bytes.EMPTY)))
        .map(Stored::body);
  }

  @Override
  public boolean put(Stored stored, BooleanSupplier wanted) {
    Path half = path.resolve(halves.incrementAndGet() + HALF);
    byte[] bytes = EntryFormat.encode(stored);
    try {
      create(half);
      Files.write(half, bytes);
      return moved(stored, half, bytes.length, wanted);
    } catch (IOException e) {
      boolean isNew = logged.add(cause(e));
      LOG.log(isNew ? Level.WARNING : Level.DEBUG, "a response was not stored in " + path, e);
      return false;
    } finally {
      delete(half);
    }
  }

  /** What went wrong, without the name of the file, which is another one each time. */
  private static String cause(IOException e) {
    return e.getClass().getName()
        + (e instanceof FileSystemException of ? of.getReason() : e.getMessage());
  }

  private void create(Path half) throws IOException {
    try {
      Files.createFile(half, forOwner(path, "rw-------"));
    } catch (NoSuchFileException e) { // somebody has removed the folder
      makeAgain();
      Files.createFile(half, forOwner(path, "rw-------"));
    }
  }

  /** Makes the folder again, unless another thread has, or another cache uses it by now. */
  private void makeAgain() throws IOException {
    lock.lock();
    try {
      if (!closed && !Files.isDirectory(path)) {
        Files.createDirectories(path, forOwner(path, "rwx------"));
        FileChannel removed = channel;
        channel = locked(path);
        removed.close();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean moved(Stored stored, Path half, long size, BooleanSupplier wanted)
      throws IOException {
    Path file = file(stored);
    lock.lock();
    try {
      if (closed || size > total || !wanted.getAsBoolean()) {
        return false;
      }
      try {
        Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(half, file, StandardCopyOption.REPLACE_EXISTING);
      }
      List<Path> gone = shelf.put(Fingerprints.hash(stored.key()), hashed(stored), file, size);
      gone.stream().filter(each -> !each.equals(file)).forEach(Folder::delete);
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void remove(Stored found) {
    forget(file(found));
  }

  @Override
  public void remove(String key) {
    lock.lock();
    try {
      shelf.remove(Fingerprints.hash(key)).forEach(Folder::delete);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void clear() {
    lock.lock();
    try {
      shelf.clear().forEach(Folder::delete);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Fill fill() {
    lock.lock();
    try {
      return new Fill(shelf.size(), shelf.weight(), shelf.evicted());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      shelf.clear();
      channel.close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "the lock of " + path + " stays until the process ends", e);
    } finally {
      lock.unlock();
    }
    OPEN.remove(path);
  }
}
