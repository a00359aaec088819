package dev.lariat.internal.codec;

import io.netty.buffer.ByteBuf;

/** What the frames of HTTP/2 look like on the wire (RFC 9113 sections 4.1 and 6). */
public final class Http2Frames {
  /** Octets of a frame's header. */
  public static final int HEADER = 9;

  /** The largest payload that each side must take, and that neither asks to be larger. */
  public static final int MAX_PAYLOAD = 16_384;

  /** The windows that each side begins with. */
  public static final int INITIAL_WINDOW = 65_535;

  /** What a window may never be larger than. */
  public static final int MAX_WINDOW = Integer.MAX_VALUE;

  /** What a client says first (section 3.4). */
  public static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  // types (section 6)
  public static final int DATA = 0x0;
  public static final int HEADERS = 0x1;
  public static final int PRIORITY = 0x2;
  public static final int RST_STREAM = 0x3;
  public static final int SETTINGS = 0x4;
  public static final int PUSH_PROMISE = 0x5;
  public static final int PING = 0x6;
  public static final int GOAWAY = 0x7;
  public static final int WINDOW_UPDATE = 0x8;
  public static final int CONTINUATION = 0x9;
  public static final int PRIORITY_UPDATE = 0x10; // RFC 9218 section 7.1

  // flags
  public static final int ACK = 0x1;
  public static final int END_STREAM = 0x1;
  public static final int END_HEADERS = 0x4;
  public static final int PADDED = 0x8;
  public static final int WITH_PRIORITY = 0x20;

  // settings (section 6.5.2, RFC 8441 section 3, RFC 9218 section 2.1)
  public static final int HEADER_TABLE_SIZE = 0x1;
  public static final int ENABLE_PUSH = 0x2;
  public static final int MAX_CONCURRENT_STREAMS = 0x3;
  public static final int INITIAL_WINDOW_SIZE = 0x4;
  public static final int MAX_FRAME_SIZE = 0x5;
  public static final int MAX_HEADER_LIST_SIZE = 0x6;
  public static final int ENABLE_CONNECT_PROTOCOL = 0x8;
  public static final int NO_RFC7540_PRIORITIES = 0x9;

  // error codes (section 7)
  public static final int NO_ERROR = 0x0;
  public static final int PROTOCOL_ERROR = 0x1;
  public static final int INTERNAL_ERROR = 0x2;
  public static final int FLOW_CONTROL_ERROR = 0x3;
  public static final int SETTINGS_TIMEOUT = 0x4;
  public static final int STREAM_CLOSED = 0x5;
  public static final int FRAME_SIZE_ERROR = 0x6;
  public static final int REFUSED_STREAM = 0x7;
  public static final int CANCEL = 0x8;
  public static final int COMPRESSION_ERROR = 0x9;
  public static final int ENHANCE_YOUR_CALM = 0xb;
  public static final int HTTP_1_1_REQUIRED = 0xd;

  private Http2Frames() {}

  /** Writes a frame's header. */
  public static ByteBuf header(ByteBuf room, int length, int type, int flags, int stream) {
    return room.writeMedium(length).writeByte(type).writeByte(flags).writeInt(stream);
  }

  /** Writes one parameter of SETTINGS. */
  public static void setting(ByteBuf room, int parameter, int value) {
    room.writeShort(parameter).writeInt(value);
  }
}
