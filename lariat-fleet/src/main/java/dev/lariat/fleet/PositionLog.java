package dev.lariat.fleet;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Positions in a file to which records are appended.
 *
 * <pre>
 *   record   length (4), CRC-32 of the length (4), CRC-32 of the content (4), content
 *   content  'F', version (1), slots (4)                         the first record, and only that
 *            'E', slot (4), epoch (8)                            a claim
 *            'P', slot (4), count (4), count * (feed, position)  texts: length in bytes (4), UTF-8
 * </pre>
 *
 * <p>Every change is one append, which is forced to the disk before it counts, so after a crash
 * only the end of the file can be incomplete. It is recognized by its checksums, and cut off. If
 * whole records follow what is broken, it was no crash: then the file is refused, since positions
 * would go back in silence.
 *
 * <p>After a failed write nobody knows what is on the disk. The next change then writes the file
 * anew, as a compaction does: beside the old one, which it replaces when it is complete.
 */
final class PositionLog implements PositionStore {
  private static final int VERSION = 1;
  private static final int HEADER = 12;
  private static final String NO_FILE = "positions.file: this is no file of positions: ";
  private static final int LARGEST = 64 << 20; // bytes of a record that is read
  private static final long SMALLEST = 1 << 20; // bytes of a file that is written anew

  private final Path path;
  private final PositionMemory memory = new PositionMemory();
  private int slots;
  private @Nullable FileLock lock;
  private @Nullable FileChannel file; // null after a failure: it must be written anew
  private long length;
  private long compactAt; // the length at which it is written anew

  PositionLog(Path path) {
    this.path = path;
  }

  @Override
  public boolean shared() {
    return false;
  }

  // ---- the beginning

  @Override
  public void open(int slotCount) throws IOException {
    slots = slotCount;
    Path folder = path.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    lock = lock(beside(".lock"));
    try {
      Files.deleteIfExists(beside(".new")); // of a compaction that did not end
      if (Files.exists(path)) {
        read();
      }
      compact();
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private Path beside(String suffix) {
    return path.resolveSibling(path.getFileName() + suffix);
  }

  private static FileLock lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // by this process
    }
    if (lock == null) {
      channel.close();
      throw new IOException("positions.file: another fleet uses it, " + file + " is locked");
    }
    return lock;
  }

  private void read() throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    int at = 0;
    while (at < bytes.length) {
      int next = next(bytes, at);
      if (next < 0) {
        refuseIfWholeRecordsFollow(bytes, at);
        if (at == 0) { // every file gets its name when it is complete
          throw new IOException(NO_FILE + path);
        }
        return;
      }
      apply(bytes, at + HEADER, next, at == 0);
      at = next;
    }
  }

  /** Where the record at this place ends; negative if there is no whole one. */
  private static int next(byte[] bytes, int at) {
    if (bytes.length - at < HEADER) {
      return -1;
    }
    ByteBuffer header = ByteBuffer.wrap(bytes, at, HEADER);
    int size = header.getInt();
    boolean there = header.getInt() == sum(bytes, at, 4) && size > 0 && size <= LARGEST;
    boolean whole =
        there
            && bytes.length - at - HEADER >= size
            && header.getInt() == sum(bytes, at + HEADER, size);
    return whole ? at + HEADER + size : -1;
  }

  private void refuseIfWholeRecordsFollow(byte[] bytes, int broken) throws IOException {
    for (int at = broken + 1; at < bytes.length; at++) {
      if (next(bytes, at) > 0) {
        throw new IOException(
            "positions.file: "
                + path
                + " is damaged at byte "
                + broken
                + " and whole at byte "
                + at
                + ". Restore it, or delete it to begin without positions");
      }
    }
  }

  private void apply(byte[] bytes, int from, int to, boolean first) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, from, to - from));
    int kind = in.readByte();
    if ((kind == 'F') != first) {
      throw new IOException(NO_FILE + path);
    }
    switch (kind) {
      case 'F' -> {
        int version = in.readByte();
        int its = in.readInt();
        if (version != VERSION) {
          throw new IOException(
              "positions.file: " + path + " has version " + version + ", allowed " + VERSION);
        }
        if (its != slots) {
          throw new IOException("slots: " + slots + ", allowed " + its + ", as in " + path);
        }
      }
      case 'E' -> memory.epoch(in.readInt(), in.readLong());
      case 'P' -> {
        Map<String, String> positions = memory.positions(in.readInt());
        for (int count = in.readInt(); count > 0; count--) {
          positions.put(text(in), text(in));
        }
      }
      default -> throw new IOException("positions.file: " + path + " has a record of kind " + kind);
    }
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }

  // ---- changes

  @Override
  public Map<Integer, Claimed> claim(Set<Integer> numbers) throws IOException {
    List<byte[]> records = new ArrayList<>();
    for (int slot : numbers) {
      records.add(epoch(slot, memory.epoch(slot) + 1));
    }
    append(records);
    return memory.claim(numbers);
  }

  @Override
  public Map<Integer, Map<String, String>> positions(Set<Integer> numbers) {
    return memory.positions(numbers);
  }

  @Override
  public Set<Integer> save(List<Saving> all) throws IOException {
    Set<Integer> refused = memory.refused(all);
    List<byte[]> records = new ArrayList<>();
    for (Saving saving : all) {
      if (!refused.contains(saving.slot())) {
        records.add(positions(saving.slot(), saving.positions()));
      }
    }
    append(records);
    return memory.save(all);
  }

  private void append(List<byte[]> records) throws IOException {
    FileChannel its = file;
    if (its == null || length > compactAt) {
      its = compact();
    }
    try {
      length += write(its, records);
      its.force(false);
    } catch (IOException e) {
      file = null;
      its.close();
      throw e;
    }
  }

  private static long write(FileChannel file, List<byte[]> records) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] content : records) {
      ByteBuffer header = ByteBuffer.allocate(HEADER).putInt(content.length);
      header.putInt(sum(header.array(), 0, 4)).putInt(sum(content, 0, content.length));
      all.writeBytes(header.array());
      all.writeBytes(content);
    }
    ByteBuffer bytes = ByteBuffer.wrap(all.toByteArray());
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
    return bytes.limit();
  }

  /** Writes what is known to a new file, which replaces the old one. */
  private FileChannel compact() throws IOException {
    if (lock == null) {
      throw new IOException("the store of positions is not open");
    }
    FileChannel old = file;
    file = null;
    if (old != null) {
      old.close();
    }
    Path fresh = beside(".new");
    FileChannel its =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    try {
      List<byte[]> records = new ArrayList<>();
      records.add(
          content(
              out -> out.writeByte('F'),
              out -> out.writeByte(VERSION),
              out -> out.writeInt(slots)));
      memory.forEachEpoch(
          (slot, epoch) -> {
            records.add(epoch(slot, epoch));
            records.add(positions(slot, memory.positions(slot)));
          });
      length = write(its, records);
      its.force(true);
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      forceFolder();
    } catch (IOException e) {
      its.close();
      throw e;
    }
    compactAt = Math.max(SMALLEST, 4 * length);
    file = its;
    return its;
  }

  private void forceFolder() throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null) {
      return;
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (AccessDeniedException e) {
      // Windows opens no folders, and keeps their order by itself
    }
  }

  // ---- records

  @FunctionalInterface
  private interface Part {
    void write(DataOutputStream out) throws IOException;
  }

  private static byte[] content(Part... parts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      for (Part part : parts) {
        part.write(out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // an array takes everything
    }
    return bytes.toByteArray();
  }

  private static byte[] epoch(int slot, long epoch) {
    return content(
        out -> out.writeByte('E'), out -> out.writeInt(slot), out -> out.writeLong(epoch));
  }

  private static byte[] positions(int slot, Map<String, String> positions) {
    return content(
        out -> out.writeByte('P'),
        out -> out.writeInt(slot),
        out -> out.writeInt(positions.size()),
        out -> {
          for (Map.Entry<String, String> entry : positions.entrySet()) {
            text(out, entry.getKey());
            text(out, entry.getValue());
          }
        });
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static int sum(byte[] bytes, int from, int length) {
    CRC32 sum = new CRC32();
    sum.update(bytes, from, length);
    return (int) sum.getValue();
  }

  @Override
  public void close() throws IOException {
    FileChannel its = file;
    file = null;
    FileLock held = lock;
    lock = null;
    if (its != null) {
      its.close();
    }
    if (held != null) {
      held.acquiredBy().close();
    }
  }
}
