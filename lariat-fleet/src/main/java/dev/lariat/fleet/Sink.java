package dev.lariat.fleet;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * Where the events of a fleet go. Each slot has a thread that reads its feeds and writes to the
 * sink. If the sink is slow, the feeds of that slot stop reading from their servers.
 */
@FunctionalInterface
public interface Sink extends AutoCloseable {

  /**
   * Writes a batch, and returns when the events are as safe as you want them to be: the fleet then
   * stores their positions, and does not ask for these events again. It may block for as long as it
   * needs. Several threads call it at the same time, each for another slot.
   *
   * @param batch the events
   * @throws FencedException if the slot has a newer epoch. The fleet has then lost the slot: it
   *     drops the batch, closes the feeds, and takes the slot again if it is still its own
   * @throws Exception if the batch could not be written for another reason. The fleet then writes
   *     the same batch again after a pause, for as long as it has the slot
   */
  void write(Batch batch) throws Exception;

  /**
   * Ends the sink; the fleet calls this when it is closed. By default, does nothing.
   *
   * @throws IOException if something could not be written
   */
  @Override
  default void close() throws IOException {}

  /**
   * {@return a sink that writes a line of JSON for each event} The lines are flushed, and the
   * stream is not closed. Text has the member {@code data}, and binary content {@code base64}:
   *
   * <pre>{@code
   * {"feed":"btc","position":"41","at":"2026-11-30T10:15:30Z","type":"message","data":"…"}
   * }</pre>
   *
   * @param stream such as {@code System.out}
   */
  static Sink jsonLines(OutputStream stream) {
    return new JsonLines(Allowed.present("sink.stream", stream));
  }

  /**
   * {@return a sink that writes such lines to files in a folder, with the default options}
   *
   * @param folder the folder, which is made if there is none
   */
  static Sink files(Path folder) {
    return files(folder, FileOptions.DEFAULT);
  }

  /**
   * {@return a sink that writes lines of JSON, as {@link #jsonLines} does, to files in a folder} A
   * file is named by when it was begun, and its lines are forced to the disk before their positions
   * are stored. Every start begins a new file. If a machine dies while it writes, the last line of
   * the last file may be incomplete, and its event is in the next file.
   *
   * @param folder the folder, which is made if there is none
   * @param options when to begin another file, and how many to keep
   */
  static Sink files(Path folder, FileOptions options) {
    return new RotatingFiles(
        Allowed.present("sink.folder", folder), Allowed.present("sink.options", options));
  }
}
