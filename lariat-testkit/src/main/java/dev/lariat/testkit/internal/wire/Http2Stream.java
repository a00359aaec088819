package dev.lariat.testkit.internal.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.ArrayDeque;
import java.util.Deque;

/** A stream of HTTP/2: a request with its response, or the two ways of a WebSocket. */
final class Http2Stream implements Source {
  private static final int LARGEST_BODY = 64 << 20; // a test's client has gone mad
  private static final int NONE = -1;

  final int id;
  final FieldCoder.Asking asking;
  private final Http2Talk talk;

  /** What has come of its content, and was not read. */
  private final Deque<byte[]> content = new ArrayDeque<>();

  private int taken; // of the first of them
  private long arrived; // octets of content
  private long awaited = NONE; // octets of content, by its head
  private boolean discards; // what comes of its content
  private boolean gotEnd;
  private long reset = NONE; // the client's error code

  /** How much the client may still send, and how much of what it sent is to be given back. */
  long receiveWindow;

  int owed;

  /** How much may still be sent to the client. */
  long sendWindow;

  boolean sentEnd;
  boolean accepted; // as a WebSocket
  boolean endsWithScript; // its response does

  Http2Stream(int id, FieldCoder.Asking asking, Http2Talk talk) {
    this.id = id;
    this.asking = asking;
    this.talk = talk;
    asking
        .head()
        .headers()
        .first("content-length")
        .filter(length -> length.matches("[0-9]{1,9}"))
        .ifPresent(length -> awaited = Long.parseLong(length));
  }

  // ---- what comes; by the talk

  void arrives(byte[] bytes) throws IOException {
    arrived += bytes.length;
    if (discards) {
      talk.consumed(this, bytes.length);
    } else if (bytes.length > 0) {
      content.add(bytes);
    }
  }

  void ends() throws IOException {
    gotEnd = true;
    Http2Frame.refuseIf(
        awaited != NONE && awaited != arrived,
        "a body has " + arrived + " octets, and content-length says " + awaited,
        "8.1.1");
  }

  void wasReset(long code) {
    reset = code;
  }

  boolean gotEnd() {
    return gotEnd;
  }

  boolean wasReset() {
    return reset != NONE;
  }

  void refuseReset() throws IOException {
    if (wasReset()) {
      throw new CancelledException(reset);
    }
  }

  /** Whether both sides have ended it, or one has reset it. */
  boolean isClosed() {
    return wasReset() || gotEnd && sentEnd;
  }

  /** Whether nothing more comes that was not read. */
  boolean isOver() {
    return wasReset() || gotEnd && content.isEmpty();
  }

  // ---- what is read; by the script

  /** Throws away what was not read, and what is still to come. */
  void discard() throws IOException {
    discards = true;
    int size = -taken;
    for (byte[] piece : content) {
      size += piece.length;
    }
    content.clear();
    taken = 0;
    if (size > 0) {
      talk.consumed(this, size);
    }
  }

  /** All of its content. */
  byte[] body() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] part = new byte[Http2Frame.LARGEST];
    for (int count = read(part, 0, part.length); count >= 0; ) {
      body.write(part, 0, count);
      if (body.size() > LARGEST_BODY) {
        throw new ProtocolException("a body is longer than " + LARGEST_BODY + " bytes");
      }
      count = read(part, 0, part.length);
    }
    return body.toByteArray();
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    while (content.isEmpty()) {
      refuseReset();
      if (gotEnd) {
        return -1;
      }
      talk.mustRead();
    }
    byte[] first = content.element();
    int count = Math.min(length, first.length - taken);
    System.arraycopy(first, taken, into, from, count);
    taken += count;
    if (taken == first.length) {
      content.remove();
      taken = 0;
    }
    talk.consumed(this, count);
    return count;
  }

  @Override
  public boolean readable(long nanos) throws IOException {
    return talk.readUntil(() -> !content.isEmpty() || isOver(), nanos);
  }
}
