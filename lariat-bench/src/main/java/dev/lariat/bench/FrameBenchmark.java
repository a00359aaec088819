package dev.lariat.bench;

import dev.lariat.internal.codec.FrameDecoder;
import dev.lariat.internal.codec.FrameEncoder;
import dev.lariat.internal.codec.Shared;
import dev.lariat.internal.codec.Violation;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** The codec alone, over a buffer of {@value #FRAMES} binary messages of 128 bytes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FrameBenchmark {
  private static final int FRAMES = 1000;
  private static final int SIZE = 128;

  private final Shared shared = new Shared(new SecureRandom());
  private final Binary message = new Binary(new byte[SIZE]);
  private final ByteBuffer payload = message.bytes().asByteBuffer();
  private ByteBuf flood;
  private ByteBuf out;
  private FrameDecoder decoder;
  private Blackhole blackhole;

  @Setup
  public void prepare(Blackhole blackhole) {
    this.blackhole = blackhole;
    flood = Unpooled.directBuffer();
    for (int i = 0; i < FRAMES; i++) {
      flood.writeByte(0x82).writeByte(126).writeShort(SIZE).writeZero(SIZE);
    }
    out = Unpooled.directBuffer(FRAMES * FrameEncoder.size(SIZE));
    decoder =
        new FrameDecoder(1 << 20, false, Long.MAX_VALUE, null, shared.scratch, new Consumed());
  }

  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public void decode() throws Violation {
    decoder.decode(flood.readerIndex(0));
  }

  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public ByteBuf encode() {
    out.clear();
    for (int i = 0; i < FRAMES; i++) {
      shared.encoder.encode(out, message, false, payload);
    }
    return out;
  }

  private final class Consumed implements FrameDecoder.Sink {
    @Override
    public void text(String text) {
      blackhole.consume(text);
    }

    @Override
    public void binary(Bytes bytes) {
      blackhole.consume(bytes);
    }

    @Override
    public void ping(Bytes payload) {
      blackhole.consume(payload);
    }

    @Override
    public void pong(Bytes payload) {
      blackhole.consume(payload);
    }

    @Override
    public void close(Close close) {
      blackhole.consume(close);
    }

    @Override
    public void part(String text, boolean fin) {
      blackhole.consume(text);
    }

    @Override
    public void part(Bytes bytes, boolean fin) {
      blackhole.consume(bytes);
    }
  }
}
