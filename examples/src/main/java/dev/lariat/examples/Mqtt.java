package dev.lariat.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.*;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Subprotocols;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;

/** MQTT 3.1.1 over WebSocket: subscribes with QoS 1, publishes with QoS 0. */
public final class Mqtt implements WebSocketHandler {
  private static final int CONNECT = 0x10;
  private static final int CONNACK = 0x20;
  private static final int PUBLISH = 0x30;
  private static final int PUBACK = 0x40;
  private static final int SUBSCRIBE = 0x82; // with the flags that the standard demands
  private static final int SUBACK = 0x90;

  /** A message that the broker has published. */
  record Published(String topic, Bytes payload) {}

  private final WebSocketHandler.Session session;
  private ByteBuffer rest = ByteBuffer.allocate(0); // of a packet that is not complete

  private Mqtt(WebSocketHandler.Session session) {
    this.session = session;
  }

  @Override
  public void frame(Frame frame) {
    if (frame instanceof Binary(var bytes)) {
      ByteBuffer in = ByteBuffer.allocate(rest.remaining() + bytes.size());
      in.put(rest).put(bytes.asByteBuffer()).flip();
      while (decode(in)) {
        // a WebSocket message may hold several packets, or a part of one
      }
      rest = in;
    } else if (frame instanceof Text) {
      throw new IllegalArgumentException("MQTT is binary");
    }
  }

  /** Takes one packet out of the bytes. Without a whole packet, it takes nothing. */
  private boolean decode(ByteBuffer in) {
    int start = in.position();
    int length = 0;
    for (int i = 1; i <= 4 && start + i < in.limit(); i++) { // 7 bits in each byte
      int next = in.get(start + i);
      length |= (next & 0x7f) << 7 * (i - 1);
      int end = start + 1 + i + length;
      if (next >= 0) { // the last byte of the length
        if (end > in.limit()) {
          return false;
        }
        arrived(in.get(start) & 0xff, in.slice(start + 1 + i, length));
        in.position(end);
        return true;
      }
    }
    if (start + 4 < in.limit()) {
      throw new IllegalArgumentException("the length of a packet has more than 4 bytes");
    }
    return false;
  }

  private void arrived(int first, ByteBuffer packet) {
    switch (first & 0xf0) {
      case CONNACK, SUBACK -> { // for the opening step: the last byte says whether it is accepted
        byte[] answer = {(byte) first, packet.get(packet.limit() - 1)};
        session.tell(new Binary(answer));
      }
      case PUBLISH -> {
        byte[] topic = new byte[packet.getShort() & 0xffff];
        packet.get(topic);
        boolean acknowledge = (first & 0x06) != 0; // QoS 1: the broker was asked for no more
        short id = acknowledge ? packet.getShort() : 0;
        byte[] payload = new byte[packet.remaining()];
        packet.get(payload);
        session.tell(new Published(new String(topic, UTF_8), Bytes.wrap(payload)));
        if (acknowledge && !session.trySend(packet(PUBACK, number(id)))) {
          throw new IllegalStateException("no room for a PUBACK"); // the broker sends it again
        }
      }
      default -> {} // PINGRESP
    }
  }

  /** A live connection that subscribes in every session. */
  static LiveWebSocket.Plan plan(String uri, LiveOptions options, String client, String filter) {
    Subprotocols subprotocols = Subprotocols.NONE.and("mqtt", Mqtt::new).required(true);
    return LiveWebSocket.to(uri)
        .options(options.webSocket(options.webSocket().subprotocols(subprotocols)))
        .onOpen(
            session -> {
              byte[] level4NewSessionNoKeepAlive = {4, 2, 0, 0};
              session.send(
                  packet(CONNECT, string("MQTT"), level4NewSessionNoKeepAlive, string(client)));
              demand(session, CONNACK, 0);
              byte[] qos1 = {1};
              session.send(packet(SUBSCRIBE, number((short) 1), string(filter), qos1));
              demand(session, SUBACK, 1);
            });
  }

  private static void demand(dev.lariat.live.Session session, int packet, int highest) {
    Bytes answer = ((Binary) session.receive(Duration.ofSeconds(10))).bytes();
    if ((answer.at(0) & 0xff) != packet || (answer.at(1) & 0xff) > highest) {
      throw new IllegalStateException("the broker refused it: " + answer);
    }
  }

  /** A message to publish with QoS 0. */
  static Binary publish(String topic, Bytes payload) {
    return packet(PUBLISH, string(topic), payload.toArray());
  }

  private static byte[] string(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return ByteBuffer.allocate(2 + bytes.length).putShort((short) bytes.length).put(bytes).array();
  }

  private static byte[] number(short number) {
    return ByteBuffer.allocate(2).putShort(number).array();
  }

  private static Binary packet(int first, byte[]... parts) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      body.writeBytes(part);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(first);
    int length = body.size();
    do {
      int more = length > 0x7f ? 0x80 : 0;
      out.write(length & 0x7f | more);
      length >>>= 7;
    } while (length > 0);
    out.writeBytes(body.toByteArray());
    return new Binary(Bytes.wrap(out.toByteArray()));
  }
}
