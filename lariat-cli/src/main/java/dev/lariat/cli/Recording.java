package dev.lariat.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A recorded session: what the first line says, and what happened.
 *
 * @param truncated whether the last line was incomplete and is left out: its recorder was killed
 */
record Recording(Head head, List<Entry> entries, boolean truncated) {
  static final int VERSION = 1;
  private static final long LARGEST = 1L << 29; // bytes: it is read into memory

  /** The first line. */
  record Head(Kind kind, String url, Instant started) {
    @Override
    public String toString() {
      return new JsonObject()
          .with("lariat", "recording")
          .with("version", VERSION)
          .with("kind", kind.word)
          .with("url", url)
          .with("started", started)
          .toString();
    }

    private static Map<String, Object> fields(String line) throws JsonObject.MalformedException {
      try {
        return JsonObject.flat(line);
      } catch (JsonObject.MalformedException e) {
        throw new JsonObject.MalformedException("this is not a recording: " + e.getMessage());
      }
    }

    private static Head of(String line) throws JsonObject.MalformedException {
      Map<String, Object> fields = fields(line);
      if (!"recording".equals(fields.remove("lariat"))) {
        throw new JsonObject.MalformedException("this is not a recording");
      }
      String version = String.valueOf(fields.remove("version"));
      if (!version.equals(String.valueOf(VERSION))) {
        throw new JsonObject.MalformedException(
            "the recording has the version " + Line.plain(version) + ", allowed is " + VERSION);
      }
      Kind kind = Kind.of(String.valueOf(fields.remove("kind")));
      String url = String.valueOf(fields.remove("url"));
      Instant started;
      try {
        started = Instant.parse(String.valueOf(fields.remove("started")));
      } catch (DateTimeException e) {
        throw new JsonObject.MalformedException("\"started\" is not a time of ISO 8601 in UTC");
      }
      if (!fields.isEmpty()) {
        String name = fields.keySet().iterator().next();
        throw new JsonObject.MalformedException(
            "the field \"" + Line.plain(name) + "\" does not belong to it");
      }
      return new Head(kind, url, started);
    }
  }

  /** What was recorded. */
  enum Kind {
    WEBSOCKET("websocket", "ws"),
    EVENTS("events", "http");

    final String word;
    final String scheme;

    Kind(String word, String scheme) {
      this.word = word;
      this.scheme = scheme;
    }

    private static Kind of(String word) throws JsonObject.MalformedException {
      for (Kind kind : values()) {
        if (kind.word.equals(word)) {
          return kind;
        }
      }
      throw new JsonObject.MalformedException(
          "\"kind\" is \"" + Line.plain(word) + "\", allowed are events and websocket");
    }
  }

  /** Reads a file, strictly; only its last line may be incomplete. */
  static Recording read(Path file) {
    String name = Line.plain(file.toString());
    try {
      if (Files.size(file) > LARGEST) {
        throw new UsageException(
            name + " has " + Files.size(file) + " bytes, allowed are up to " + LARGEST + ".");
      }
      try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
        return read(name, in);
      }
    } catch (NoSuchFileException e) {
      throw new UsageException("There is no file " + name + ".");
    } catch (IOException e) {
      throw new UsageException(name + " cannot be read: " + e.getMessage() + ".");
    }
  }

  private static Recording read(String name, InputStream in) throws IOException {
    Head head = null;
    List<Entry> entries = new ArrayList<>();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int number = 0;
    int end = '\n';
    while (end == '\n') {
      line.reset();
      while ((end = in.read()) >= 0 && end != '\n') {
        line.write(end);
      }
      number++;
      if (end < 0 && line.size() == 0) {
        break;
      }
      try {
        String text = text(line.toByteArray());
        if (head == null) {
          head = Head.of(text);
        } else {
          entries.add(inOrder(EntryFormat.entry(text), entries));
        }
      } catch (JsonObject.MalformedException e) {
        if (head != null && end < 0) {
          return new Recording(head, List.copyOf(entries), true);
        }
        throw new UsageException(name + ", line " + number + ": " + e.getMessage() + ".");
      }
    }
    if (head == null) {
      throw new UsageException(name + " is empty: it is not a recording.");
    }
    return new Recording(head, List.copyOf(entries), false);
  }

  private static String text(byte[] line) throws JsonObject.MalformedException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
    } catch (CharacterCodingException e) {
      throw new JsonObject.MalformedException("it is not UTF-8");
    }
  }

  private static Entry inOrder(Entry entry, List<Entry> before)
      throws JsonObject.MalformedException {
    if (!before.isEmpty() && entry.at().compareTo(before.getLast().at()) < 0) {
      throw new JsonObject.MalformedException(
          "\"at\" is "
              + JsonObject.seconds(entry.at())
              + ", which is before the line above it, "
              + JsonObject.seconds(before.getLast().at()));
    }
    return entry;
  }

  /** The time of the last line. */
  Duration length() {
    return entries.isEmpty() ? Duration.ZERO : entries.getLast().at();
  }

  /** Says on standard error that the last line is left out. */
  void tellIfTruncated(Io io, Path file) {
    if (truncated) {
      io.err()
          .println(
              Line.line(
                  "Truncated",
                  "the last line of "
                      + Line.plain(file.toString())
                      + " is incomplete and left out, as after a recorder that was killed"));
    }
  }

  /** The sessions that were open, one after the other. */
  List<Session> sessions() {
    List<Session> sessions = new ArrayList<>();
    Entry.Open open = null;
    List<Entry> within = new ArrayList<>();
    for (Entry entry : entries) {
      switch (entry) {
        case Entry.Open next -> {
          add(sessions, open, within, null);
          open = next;
          within = new ArrayList<>();
        }
        case Entry.Waiting _, Entry.Gone _ -> {
          add(sessions, open, within, entry);
          open = null;
        }
        case Entry.Sent _, Entry.Received _, Entry.Event _ -> within.add(entry);
        case Entry.Connecting _, Entry.Step _, Entry.Undelivered _, Entry.RoundTrip _ -> {}
      }
    }
    add(sessions, open, within, null);
    return sessions;
  }

  private static void add(
      List<Session> sessions, Entry.@Nullable Open open, List<Entry> within, @Nullable Entry end) {
    if (open != null) {
      sessions.add(new Session(open, List.copyOf(within), end));
    }
  }

  /**
   * What passed from the opening of a session to its end.
   *
   * @param passed {@link Entry.Sent}, {@link Entry.Received} and {@link Entry.Event} only
   * @param end a {@link Entry.Waiting} or a {@link Entry.Gone}; null where the recording ends
   *     before
   */
  record Session(Entry.Open open, List<Entry> passed, @Nullable Entry end) {

    /** How long after the opening. */
    Duration since(Entry entry) {
      return entry.at().minus(open.at());
    }

    Duration length() {
      Entry last = end != null ? end : passed.isEmpty() ? open : passed.getLast();
      return since(last);
    }
  }
}
