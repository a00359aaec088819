package dev.lariat.testkit.internal.wire;

import static dev.lariat.testkit.internal.wire.Http2Frame.*;

import dev.lariat.internal.transport.Machine;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 as a server speaks it (RFC 9113), by the script's thread: frames are read whenever that
 * waits for something, and before it writes. What comes for other streams than the one that it
 * waits for is kept. The threads of tunnels take turns with it, and whoever waits first reads for
 * all.
 */
public final class Http2Talk implements Talk {
  private static final int WINDOW = 65_535; // that each side begins with
  private static final long LARGEST_WINDOW = Integer.MAX_VALUE;
  private static final int HEADER_TABLE_SIZE = 1;
  private static final int ENABLE_PUSH = 2;
  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final int ENABLE_CONNECT_PROTOCOL = 8;
  private static final int NO_ERROR = 0;

  private final Peer peer;
  private final Http2Reader in;
  private final Machine machine;
  private final FieldCoder fields = new FieldCoder();
  private final Turns turns;

  /** The streams that have begun and are not closed on both sides. */
  private final Map<Integer, Http2Stream> streams = new HashMap<>();

  /** Those that no script has taken. */
  private final Deque<Http2Stream> arrived = new ArrayDeque<>();

  /** Those on which frames may come, since the client did not know that they had ended. */
  private final Set<Integer> crossing = new HashSet<>();

  private @Nullable Http2Stream newest;
  private boolean automatic = true;
  private boolean greeted; // SETTINGS were sent
  private boolean ended; // the client's side
  private int lastAllowed = Integer.MAX_VALUE; // what comes after it is not acted upon
  private int lastBegun;
  private int lastTaken;
  private int lastPromised;
  private boolean pushes = true; // the client allows it; what holds before it says anything

  /** The SETTINGS that were sent and are not acknowledged. */
  private final Deque<Map<Integer, Long>> sent = new ArrayDeque<>();

  private boolean takesExtended; // the client knows that this side does

  // windows: of the connection, and of streams that begin
  private long sendWindow = WINDOW;
  private long initialSend = WINDOW;
  private long receiveWindow = WINDOW;
  private long initialReceive = WINDOW;
  private int owed;

  Http2Talk(Peer peer, Input in, Machine machine) {
    this.peer = peer;
    this.in = new Http2Reader(peer, in);
    this.machine = machine;
    this.turns = new Turns(machine);
  }

  /** Who may use this, where several threads do. */
  Turns turns() {
    return turns;
  }

  @Override
  public Protocol protocol() {
    return Protocol.HTTP_2;
  }

  // ---- frames that go

  /** Sends this frame, whatever it is. */
  public void frame(Http2Frame frame) throws IOException {
    peer.write(frame.encoded());
  }

  private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    frame(new Http2Frame(type, flags, stream, Bytes.wrap(payload)));
  }

  private void greet() throws IOException {
    if (!greeted) {
      settings(Map.of());
    }
  }

  /** Sends these SETTINGS; the first ones say further that extended CONNECT is taken. */
  public void settings(Map<Integer, Long> parameters) throws IOException {
    Map<Integer, Long> all = new HashMap<>(parameters);
    if (!greeted) {
      all.putIfAbsent(ENABLE_CONNECT_PROTOCOL, 1L);
    }
    greeted = true;
    sent.add(all);
    ByteBuffer payload = ByteBuffer.allocate(6 * all.size());
    all.forEach(
        (parameter, value) -> payload.putShort(parameter.shortValue()).putInt((int) (long) value));
    frame(SETTINGS, 0, 0, payload.array());
  }

  /** Opens a window of the client's: of a stream, or of the connection where that is 0. */
  public void window(int stream, int increment) throws IOException {
    greet();
    Http2Stream its = streams.get(stream);
    if (stream == 0) {
      receiveWindow += increment;
    } else if (its != null) {
      its.receiveWindow += increment;
    }
    frame(WINDOW_UPDATE, 0, stream, Http2Frame.number(increment));
  }

  /** Says that no stream is acted upon that comes after this one. */
  public void goAway(int last, long code, byte[] debug) throws IOException {
    greet();
    lastAllowed = Math.min(lastAllowed, last);
    for (Http2Stream stream : List.copyOf(arrived)) {
      if (stream.id > last) {
        arrived.remove(stream);
        streams.remove(stream.id);
        crossing.add(stream.id);
      }
    }
    byte[] payload =
        ByteBuffer.allocate(8 + debug.length).putInt(last).putInt((int) code).put(debug).array();
    frame(GOAWAY, 0, 0, payload);
  }

  /** Resets the stream of the newest request. */
  public void reset(long code) throws IOException {
    reset(newest(), code);
  }

  void reset(Http2Stream stream, long code) throws IOException {
    stream.sentEnd = true;
    if (streams.remove(stream.id) != null) {
      crossing.add(stream.id);
    }
    frame(RST_STREAM, 0, stream.id, Http2Frame.number(code));
  }

  /** Sends a PING. */
  public void ping(long data) throws IOException {
    greet();
    frame(PING, 0, 0, ByteBuffer.allocate(8).putLong(data).array());
  }

  /** Whether SETTINGS and PINGs are acknowledged, and windows opened again, without the script. */
  public void automatic(boolean automatic) {
    this.automatic = automatic;
  }

  /** The number of the newest request's stream. */
  public int stream() throws IOException {
    return newest().id;
  }

  // ---- frames that come

  /** Reads a frame and does what it says; false when the client has ended its side instead. */
  private boolean read() throws IOException {
    greet();
    if (ended) {
      return false;
    }
    if (turns.isReading()) {
      turns.awaitReading(Long.MAX_VALUE);
      return !ended;
    }
    Http2Frame frame = turns.read(in::next);
    if (frame == null) {
      ended = true;
      return false;
    }
    takes(frame);
    return true;
  }

  /** Reads a frame, of which there must be one. */
  void mustRead() throws IOException {
    if (!read()) {
      throw new EOFException("the client ended its side in the middle of something");
    }
  }

  /** Reads until this is true, for so long at the most; says whether it is. */
  boolean readUntil(BooleanSupplier done, long nanos) throws IOException {
    long start = machine.nanos();
    while (!done.getAsBoolean()) {
      if (ended) {
        return true;
      }
      long left = nanos - (machine.nanos() - start);
      if (turns.isReading()) {
        if (left <= 0) {
          return false;
        }
        turns.awaitReading(left);
      } else if (turns.read(() -> in.ready(Math.max(0, left)))) {
        read();
      } else {
        return false;
      }
    }
    return true;
  }

  private void takes(Http2Frame frame) throws IOException {
    switch (frame.type()) {
      case DATA -> takesData(frame);
      case HEADERS -> takesHeaders(frame);
      case PRIORITY -> frame.requireLength(5);
      case RST_STREAM -> takesReset(frame);
      case SETTINGS -> takesSettings(frame);
      case PUSH_PROMISE -> refuseIf(true, "a client pushes", "8.4");
      case PING -> takesPing(frame);
      case GOAWAY -> frame.requireConnection();
      case WINDOW_UPDATE -> takesWindow(frame);
      case CONTINUATION -> refuseIf(true, "a CONTINUATION continues nothing", "6.10");
      default -> {} // an extension
    }
  }

  /** The stream of this frame; null if it has ended, which the client may not know. */
  private @Nullable Http2Stream ofStream(Http2Frame frame) throws IOException {
    int id = frame.stream();
    String which = "a frame of type " + frame.type() + " is on stream " + id;
    int newest = id % 2 == 0 ? lastPromised : lastBegun;
    refuseIf(id == 0 || id > newest, which + ", which has not begun", "5.1");
    return streams.get(id);
  }

  private void takesData(Http2Frame frame) throws IOException {
    int length = frame.payload().size();
    Http2Stream stream = ofStream(frame);
    receiveWindow -= length;
    refuseIf(receiveWindow < 0, "more DATA came than the connection's window has", "6.9.1");
    owed += length;
    if (automatic && owed > WINDOW / 2) {
      int back = owed;
      owed = 0;
      window(0, back);
    }
    if (stream == null) {
      refuseIf(!crossing.contains(frame.stream()), "DATA came on a closed stream", "5.1");
      return;
    }
    refuseIf(stream.gotEnd() || stream.wasReset(), "DATA came after the end", "5.1");
    stream.receiveWindow -= length;
    refuseIf(stream.receiveWindow < 0, "more DATA came than the stream's window has", "6.9.1");
    byte[] content = frame.content();
    consumed(stream, length - content.length); // padding
    stream.arrives(content);
    if (frame.has(END_STREAM)) {
      ends(stream);
    }
  }

  private void ends(Http2Stream stream) throws IOException {
    stream.ends();
    closes(stream);
  }

  private void closes(Http2Stream stream) {
    if (stream.sentEnd && (stream.gotEnd() || stream.wasReset())) {
      streams.remove(stream.id);
    }
  }

  /** So many octets of a stream were read. */
  void consumed(Http2Stream stream, int octets) throws IOException {
    stream.owed += octets;
    if (automatic
        && stream.owed > initialReceive / 2
        && streams.containsKey(stream.id)
        && !stream.gotEnd()
        && !stream.wasReset()) {
      int back = stream.owed;
      stream.owed = 0;
      window(stream.id, back);
    }
  }

  private void takesHeaders(Http2Frame frame) throws IOException {
    byte[] block = in.block(frame);
    if (frame.stream() > lastBegun) {
      begins(frame, block);
      return;
    }
    Http2Stream stream = ofStream(frame);
    fields.trailers(frame.stream(), block);
    if (stream == null) {
      refuseIf(!crossing.contains(frame.stream()), "HEADERS came on a closed stream", "5.1");
      return;
    }
    refuseIf(stream.gotEnd() || stream.wasReset(), "HEADERS came after the end", "5.1");
    refuseIf(!frame.has(END_STREAM), "trailers do not end their stream", "8.1");
    ends(stream);
  }

  private void begins(Http2Frame frame, byte[] block) throws IOException {
    refuseIf(frame.stream() % 2 == 0, "a client begins a stream of even number", "5.1.1");
    FieldCoder.Asking asking = fields.request(frame.stream(), block);
    refuseIf(
        !asking.protocol().isEmpty() && !takesExtended,
        "an extended CONNECT came, which was not announced",
        "8.5, RFC 8441 section 3");
    lastBegun = frame.stream();
    if (lastBegun > lastAllowed) {
      crossing.add(lastBegun);
      return;
    }
    Http2Stream stream = new Http2Stream(lastBegun, asking, this);
    stream.receiveWindow = initialReceive;
    stream.sendWindow = initialSend;
    streams.put(stream.id, stream);
    arrived.add(stream);
    if (frame.has(END_STREAM)) {
      ends(stream);
    }
  }

  private void takesReset(Http2Frame frame) throws IOException {
    frame.requireLength(4);
    Http2Stream stream = ofStream(frame);
    if (stream != null) {
      stream.wasReset(frame.number());
      arrived.remove(stream); // nothing was done for it
      streams.remove(stream.id);
    }
  }

  private void takesSettings(Http2Frame frame) throws IOException {
    frame.requireConnection();
    if (frame.has(ACK)) {
      frame.requireLength(0);
      refuseIf(sent.isEmpty(), "SETTINGS are acknowledged that were not sent", "6.5.3");
      known(sent.remove());
      return;
    }
    refuseIf(frame.payload().size() % 6 != 0, "SETTINGS have half a parameter", "6.5");
    ByteBuffer parameters = ByteBuffer.wrap(frame.payload().toArray());
    while (parameters.hasRemaining()) {
      int parameter = parameters.getShort() & 0xffff;
      long value = parameters.getInt() & 0xffff_ffffL;
      if (parameter == INITIAL_WINDOW_SIZE) {
        refuseIf(value > LARGEST_WINDOW, "INITIAL_WINDOW_SIZE is " + value, "6.5.2");
        for (Http2Stream stream : streams.values()) {
          stream.sendWindow += value - initialSend;
        }
        initialSend = value;
      } else if (parameter == HEADER_TABLE_SIZE) {
        fields.tableSize(value);
      } else if (parameter == ENABLE_PUSH) {
        refuseIf(value > 1, "ENABLE_PUSH is " + value, "6.5.2");
        pushes = value == 1;
      }
    }
    if (automatic) {
      frame(SETTINGS, ACK, 0, new byte[0]);
    }
  }

  /** The client acts upon these SETTINGS from now on. */
  private void known(Map<Integer, Long> settings) {
    takesExtended |= settings.getOrDefault(ENABLE_CONNECT_PROTOCOL, 0L) == 1;
    long initial = settings.getOrDefault(INITIAL_WINDOW_SIZE, initialReceive);
    for (Http2Stream stream : streams.values()) {
      stream.receiveWindow += initial - initialReceive;
    }
    initialReceive = initial;
  }

  private void takesPing(Http2Frame frame) throws IOException {
    frame.requireConnection();
    frame.requireLength(8);
    if (automatic && !frame.has(ACK)) {
      frame(PING, ACK, 0, frame.payload().toArray());
    }
  }

  private void takesWindow(Http2Frame frame) throws IOException {
    frame.requireLength(4);
    long more = frame.number() & LARGEST_WINDOW;
    refuseIf(more == 0, "a window is opened by 0", "6.9");
    if (frame.stream() == 0) {
      sendWindow += more;
      refuseIf(sendWindow > LARGEST_WINDOW, "the connection's window is too large", "6.9.1");
      return;
    }
    Http2Stream stream = ofStream(frame);
    if (stream != null) {
      stream.sendWindow += more;
      refuseIf(stream.sendWindow > LARGEST_WINDOW, "a stream's window is too large", "6.9.1");
    }
  }

  /** Reads what has come already, for it may tell of the end of what is written. */
  void catchUp() throws IOException {
    greet();
    while (!ended && !turns.isReading() && peer.hasArrived()) {
      read();
    }
  }

  // ---- requests

  private Http2Stream newest() throws IOException {
    Http2Stream stream = newest;
    if (stream == null && ended) {
      throw new EOFException("the client ended its side before it sent a request");
    }
    if (stream == null) {
      throw new IllegalStateException("there is no request, and HTTP/2 answers only one");
    }
    return stream;
  }

  @Override
  public Http.@Nullable Head head() throws IOException {
    return turns.take(this::nextHead);
  }

  private Http.@Nullable Head nextHead() throws IOException {
    if (newest != null && !newest.accepted) {
      newest.discard();
    }
    newest = null;
    while (arrived.isEmpty()) {
      if (!read()) {
        return null;
      }
    }
    Http2Stream next = arrived.remove();
    newest = next;
    lastTaken = Math.max(lastTaken, next.id);
    return next.asking.head();
  }

  @Override
  public byte[] body() throws IOException {
    Http2Stream stream = newest();
    boolean tunnel = stream.asking.head().method().equals("CONNECT"); // which has no end of its own
    return tunnel ? new byte[0] : stream.body();
  }

  @Override
  public boolean asksForWebSocket() throws IOException {
    FieldCoder.Asking asking = newest().asking;
    return asking.protocol().equals("websocket")
        && asking.head().headers().first("sec-websocket-version").orElse("").equals("13");
  }

  private boolean isOver() {
    return newest != null && newest.accepted && newest.isOver();
  }

  @Override
  public boolean gone() throws IOException {
    readUntil(this::isOver, 0);
    return ended || isOver();
  }

  @Override
  public void drain() throws IOException {
    turns.done(
        () -> {
          while (!isOver() && read()) {
            if (newest != null) {
              newest.discard();
            }
          }
        });
  }

  // ---- answers

  @Override
  public void inform(int status, Headers headers) throws IOException {
    catchUp();
    head(newest(), status, headers, false);
  }

  @Override
  public void respond(int status, Headers headers, byte[] body) throws IOException {
    turns.done(
        () -> {
          Http2Stream stream = newest();
          catchUp();
          head(stream, status, headers, body.length == 0);
          if (body.length > 0) {
            data(stream, body, true);
          }
        });
  }

  private void head(Http2Stream stream, int status, Headers headers, boolean last)
      throws IOException {
    block(stream, fields.response(stream.id, status, headers), last);
  }

  private void block(Http2Stream stream, byte[] block, boolean last) throws IOException {
    block(HEADERS, last ? END_STREAM : 0, stream.id, block);
    sentEnd(stream, last);
  }

  /** Sends what ends with a field block, in as many frames as it needs. */
  private void block(int first, int flag, int stream, byte[] payload) throws IOException {
    int type = first;
    int flags = flag;
    for (int from = 0; type == first || from < payload.length; from += LARGEST) {
      int to = Math.min(payload.length, from + LARGEST);
      flags |= to == payload.length ? END_HEADERS : 0;
      frame(type, flags, stream, Arrays.copyOfRange(payload, from, to));
      type = CONTINUATION;
      flags = 0;
    }
  }

  private void sentEnd(Http2Stream stream, boolean last) {
    stream.sentEnd |= last;
    closes(stream);
  }

  /** Sends content as the windows allow it; none on a stream that the client has reset. */
  void data(Http2Stream stream, byte[] bytes, boolean last) throws IOException {
    int from = 0;
    do {
      long room = Math.min(sendWindow, stream.sendWindow);
      if (stream.wasReset()) {
        return;
      }
      if (room <= 0 && from < bytes.length) {
        mustRead();
        continue;
      }
      int to = from + (int) Math.min(Math.min(bytes.length - from, LARGEST), Math.max(0, room));
      sendWindow -= to - from;
      stream.sendWindow -= to - from;
      boolean end = last && to == bytes.length;
      frame(DATA, end ? END_STREAM : 0, stream.id, Arrays.copyOfRange(bytes, from, to));
      sentEnd(stream, end);
      from = to;
    } while (from < bytes.length);
  }

  // ---- what is pushed

  /** Whether the client allows it. */
  public boolean pushes() throws IOException {
    catchUp();
    return pushes;
  }

  /** Promises the response to a GET, with the newest request; says with which stream. */
  public int promise(String target, Headers headers) throws IOException {
    Http2Stream with = newest();
    catchUp();
    with.refuseReset();
    if (with.sentEnd) {
      throw new IllegalStateException("the newest request is answered, or was reset");
    }
    if (!pushes) {
      throw new IllegalStateException("the client has switched push off (RFC 9113 section 6.5.2)");
    }
    lastPromised += 2;
    FieldCoder.Asking asking =
        new FieldCoder.Asking(
            new Http.Head("GET", target, Headers.EMPTY), with.asking.scheme(), "");
    Http2Stream stream = new Http2Stream(lastPromised, asking, this);
    stream.ends(); // the client sends nothing on it
    stream.sendWindow = initialSend;
    streams.put(stream.id, stream);
    byte[] fields = this.fields.promise(stream.id, with.asking, target, headers);
    byte[] payload = ByteBuffer.allocate(4 + fields.length).putInt(stream.id).put(fields).array();
    block(PUSH_PROMISE, 0, with.id, payload);
    return stream.id;
  }

  /** Sends a promised response; false if the client did not want all of it. */
  public boolean push(int promised, int status, Headers headers, byte[] body) throws IOException {
    if (promised <= 0 || promised % 2 != 0 || promised > lastPromised) {
      throw new IllegalStateException("stream " + promised + " was not promised");
    }
    catchUp();
    Http2Stream stream = streams.get(promised);
    if (stream == null) {
      return false; // it was reset, or is pushed
    }
    head(stream, status, headers, body.length == 0);
    if (body.length > 0) {
      data(stream, body, true);
    }
    return !stream.wasReset();
  }

  @Override
  public Body begin(int status, Headers headers, Framing framing) throws IOException {
    Http2Stream stream = newest();
    catchUp();
    long length =
        framing == Framing.LENGTH
            ? headers.first("content-length").map(Long::parseLong).orElse(-1L)
            : -1;
    head(stream, status, headers, length == 0);
    stream.endsWithScript = framing == Framing.CLOSE;
    return new Http2Body(this, stream, framing, length);
  }

  @Override
  public Tunnel accept(Headers headers) throws IOException {
    return new Http2Tunnel(this, accepted(headers));
  }

  @Override
  public Peer tunnel(Headers headers) throws IOException {
    return peer.within(new Http2Wire(this, turns.take(() -> accepted(headers))));
  }

  private Http2Stream accepted(Headers headers) throws IOException {
    Http2Stream stream = newest();
    catchUp();
    stream.accepted = true;
    stream.endsWithScript = true;
    head(stream, 200, headers, false);
    return stream;
  }

  /** Sends the trailers that end a response. */
  void trailers(Http2Stream stream, Headers trailers) throws IOException {
    block(stream, fields.trailers(stream.id, trailers), true);
  }

  /** Sends these bytes of a tunnel. */
  void write(Http2Stream stream, byte[] bytes) throws IOException {
    catchUp();
    stream.refuseReset();
    data(stream, bytes, false);
  }

  /** Ends this side of a tunnel. */
  void end(Http2Stream stream) throws IOException {
    if (!stream.sentEnd) {
      data(stream, new byte[0], true);
    }
  }

  @Override
  public void end() throws IOException {
    turns.done(this::endAll);
  }

  private void endAll() throws IOException {
    for (Http2Stream stream : List.copyOf(streams.values())) {
      if (stream.endsWithScript) {
        end(stream);
      }
    }
    if (lastTaken < lastAllowed) {
      goAway(lastTaken, NO_ERROR, new byte[0]);
    }
  }
}
