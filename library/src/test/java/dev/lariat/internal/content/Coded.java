package dev.lariat.internal.content;

import static org.assertj.core.api.Assertions.assertThat;

import com.aayushatharva.brotli4j.encoder.Encoder;
import dev.lariat.message.Bytes;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Content;
import dev.lariat.option.Limits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Bodies as a server codes them, and what is told of them. */
record Coded(Headers headers, byte[]... parts) {
  static final StreamRef STREAM =
      new StreamRef() {
        @Override
        public ConnectionRef connection() {
          return () -> "test";
        }
      };
  static final String[] ALL = {"gzip", "deflate", "raw", "br", "zstd"};

  /** Codes these bytes; {@code raw} is bare DEFLATE. */
  static byte[] coded(String coding, byte[] plain) {
    try {
      return switch (coding) {
        case "gzip" -> gzip(plain);
        case "deflate" -> deflate(plain, false);
        case "raw" -> deflate(plain, true);
        case "br" -> {
          assertThat(Brotli.present()).isTrue();
          yield Encoder.compress(plain);
        }
        case "zstd" -> com.github.luben.zstd.Zstd.compress(plain);
        default -> throw new IllegalArgumentException(coding);
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    }
    return out.toByteArray();
  }

  private static byte[] deflate(byte[] plain, boolean raw) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Deflater zlib = new Deflater(9, raw);
    try (DeflaterOutputStream deflate = new DeflaterOutputStream(out, zlib)) {
      deflate.write(plain);
    }
    zlib.end();
    return out.toByteArray();
  }

  static String name(String coding) {
    return coding.equals("raw") ? "deflate" : coding;
  }

  /** A body with this {@code Content-Encoding}. */
  static Coded body(String contentEncoding, byte[]... parts) {
    return new Coded(Headers.of("content-encoding", contentEncoding), parts);
  }

  /** The same bytes in parts of this size. */
  Coded cut(int size) {
    byte[] whole = join(parts);
    List<byte[]> pieces = new ArrayList<>();
    for (int from = 0; from < whole.length; from += size) {
      pieces.add(Arrays.copyOfRange(whole, from, Math.min(whole.length, from + size)));
    }
    return new Coded(headers, pieces.toArray(byte[][]::new));
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      whole.writeBytes(part);
    }
    return whole.toByteArray();
  }

  /** What became of a body. */
  record Told(byte[] bytes, @Nullable Reason failure) {}

  Told told() {
    return told(Limits.DEFAULT);
  }

  /** Reads it; everything is released then, and the last message is the only one that ends. */
  Told told(Limits limits) {
    List<Message> messages = messages(Content.DECOMPRESSED, limits);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (Message message : messages) {
      if (message instanceof Data data) {
        bytes.writeBytes(data.bytes().toArray());
      }
    }
    return new Told(
        bytes.toByteArray(),
        messages.getLast() instanceof StreamFailed failed ? failed.reason() : null);
  }

  List<Message> messages(Content content, Limits limits) {
    Contents contents = new Contents(limits);
    Body body = contents.begin(content, STREAM, 200, headers);
    assertThat(body).isNotNull();
    assertThat(contents.held()).isOne();
    List<Message> messages = new ArrayList<>();
    for (byte[] part : parts) {
      body.received(Bytes.wrap(part));
      drain(body, messages);
    }
    body.end(new Data(STREAM, true, Bytes.EMPTY));
    drain(body, messages);
    assertThat(contents.held()).isZero();
    assertThat(messages.stream().filter(message -> ((Message.OfStream) message).ends()))
        .containsExactly(messages.getLast());
    return messages;
  }

  private static void drain(Body body, List<Message> messages) {
    do {
      body.goOn();
      for (Message next = body.next(); next != null; next = body.next()) {
        messages.add(next);
      }
    } while (body.hasEnough());
  }
}
