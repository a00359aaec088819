package dev.lariat.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import io.netty.buffer.ByteBuf;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An engine whose callers are watched: it is begun first and once, never entered twice, and never
 * called after its end.
 */
public final class Guarded implements Engine {
  private final Engine engine;
  private boolean begun;
  private boolean entered;
  private boolean ended;

  /** Watches the callers of this one. */
  public Guarded(Engine engine) {
    this.engine = engine;
  }

  private <T> T enter(String call, Supplier<T> body) {
    assertThat(entered).as(call + " within another call").isFalse();
    assertThat(ended).as(call + " after the end").isFalse();
    assertThat(begun).as("begun before " + call).isTrue();
    entered = true;
    try {
      return body.get();
    } finally {
      entered = false;
    }
  }

  private void enter(String call, Runnable body) {
    enter(
        call,
        () -> {
          body.run();
          return true;
        });
  }

  @Override
  public Protocol protocol() {
    return engine.protocol();
  }

  @Override
  public void begin(long now, Out out) {
    assertThat(begun).as("begun before").isFalse();
    begun = true;
    enter("begin", () -> engine.begin(now, out));
  }

  @Override
  public void command(Command.OfStream command, long now, Out out) {
    enter("command", () -> engine.command(command, now, out));
  }

  @Override
  public void received(ByteBuf bytes, long now, Out out) {
    enter("received", () -> engine.received(bytes, now, out));
  }

  @Override
  public void goOn(long now, Out out) {
    enter("goOn", () -> engine.goOn(now, out));
  }

  @Override
  public void writable(long now, Out out) {
    enter("writable", () -> engine.writable(now, out));
  }

  @Override
  public void inputCut(Out out) {
    enter("inputCut", () -> engine.inputCut(out));
  }

  @Override
  public void inputClosed(long now, Out out) {
    enter("inputClosed", () -> engine.inputClosed(now, out));
  }

  @Override
  public void closed(long now, Out out) {
    enter("closed", () -> engine.closed(now, out));
  }

  @Override
  public void outputEnded(long now, Out out) {
    enter("outputEnded", () -> engine.outputEnded(now, out));
  }

  @Override
  public int streams() {
    return engine.streams();
  }

  @Override
  public @Nullable Standing standing(StreamRef stream) {
    return engine.standing(stream);
  }

  @Override
  public long deadline() {
    return engine.deadline();
  }

  @Override
  public void elapsed(long now, Out out) {
    enter("elapsed", () -> engine.elapsed(now, out));
  }

  @Override
  public void shutdown(long now, Out out) {
    enter("shutdown", () -> engine.shutdown(now, out));
  }

  @Override
  public boolean needsNoRoom() {
    return engine.needsNoRoom();
  }

  @Override
  public boolean inGoodOrder() {
    return engine.inGoodOrder();
  }

  @Override
  public Casualties end(Reason reason, Out out) {
    Casualties casualties = enter("end", () -> engine.end(reason, out));
    ended = true;
    return casualties;
  }
}
