package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.*;

import dev.lariat.internal.codec.Violation;
import dev.lariat.message.Notice;
import io.netty.buffer.ByteBuf;
import java.util.OptionalLong;

/**
 * What the server has said of itself (RFC 9113 section 6.5.2).
 *
 * @param known whether it has said anything yet
 * @param headerTable bytes of its table for compressed fields
 * @param maxStreams how many streams of this side it takes at a time
 * @param initialWindow how much DATA it takes on a stream that begins
 * @param extendedConnect whether it takes extended CONNECT (RFC 8441 section 3)
 * @param priorities whether it uses priorities (RFC 9218), and not those that RFC 9113 dropped
 * @param lastStream the last stream that it acts upon, by its GOAWAY
 */
record ServerSettings(
    boolean known,
    long headerTable,
    long maxStreams,
    int initialWindow,
    boolean extendedConnect,
    boolean priorities,
    int lastStream) {
  private static final int PARAMETER = 6; // octets
  private static final int BEFORE_SETTINGS = 100; // streams that RFC 9113 advises to allow

  /** What holds before it has said anything. */
  static final ServerSettings INITIAL =
      new ServerSettings(false, 4096, BEFORE_SETTINGS, INITIAL_WINDOW, false, false, MAX_WINDOW);

  /** These, changed as a SETTINGS frame says. */
  ServerSettings with(ByteBuf parameters) throws Violation {
    long table = headerTable;
    long streams = known ? maxStreams : Long.MAX_VALUE; // without limit if it says none
    long window = initialWindow;
    boolean extended = extendedConnect;
    boolean prioritized = priorities;
    while (parameters.readableBytes() >= PARAMETER) {
      int parameter = parameters.readUnsignedShort();
      long value = parameters.readUnsignedInt();
      switch (parameter) {
        case HEADER_TABLE_SIZE -> table = value;
        case ENABLE_PUSH -> check(value == 0, "ENABLE_PUSH", value, PROTOCOL_ERROR);
        case MAX_CONCURRENT_STREAMS -> streams = value;
        case INITIAL_WINDOW_SIZE -> {
          check(value <= MAX_WINDOW, "INITIAL_WINDOW_SIZE", value, FLOW_CONTROL_ERROR);
          window = value;
        }
        case MAX_FRAME_SIZE ->
            check(value >= MAX_PAYLOAD && value < 1 << 24, "MAX_FRAME_SIZE", value, PROTOCOL_ERROR);
        case ENABLE_CONNECT_PROTOCOL -> {
          check(value <= 1, "ENABLE_CONNECT_PROTOCOL", value, PROTOCOL_ERROR);
          extended = value == 1;
        }
        case NO_RFC7540_PRIORITIES -> {
          check(value <= 1, "NO_RFC7540_PRIORITIES", value, PROTOCOL_ERROR);
          prioritized = known ? priorities : value == 1; // only the first counts
        }
        default -> {} // one that this side does not know is ignored
      }
    }
    return new ServerSettings(
        true, table, streams, (int) window, extended, prioritized, lastStream);
  }

  private static void check(boolean allowed, String name, long value, int code) throws Violation {
    if (!allowed) {
      throw Violation.protocol(
          "the server's SETTINGS have " + name + " " + value, "RFC 9113 section 6.5.2", code);
    }
  }

  /** What of these the owner is told. */
  Notice.SettingsChanged shown() {
    return new Notice.SettingsChanged(
        known && maxStreams < Long.MAX_VALUE ? OptionalLong.of(maxStreams) : OptionalLong.empty(),
        extendedConnect);
  }

  /** These, once the server acts upon no stream after this one. */
  ServerSettings lastStream(int last) {
    return new ServerSettings(
        known, headerTable, maxStreams, initialWindow, extendedConnect, priorities, last);
  }
}
