package dev.lariat.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import io.netty.buffer.ByteBuf;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An engine whose callers are watched: it is begun first and once, never entered twice, and never
 * called after its end. If it lingers, its lane tells it nothing more.
 */
public final class Guarded implements Engine {
  private final Engine engine;
  private boolean begun;
  private boolean entered;
  private boolean lingers;
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

  /** A call that the lane causes. */
  private void lane(String call, Runnable body) {
    assertThat(lingers).as(call + " after the lane's end").isFalse();
    enter(call, body);
  }

  @Override
  public Protocol protocol() {
    return engine.protocol();
  }

  @Override
  public void begin(Out out) {
    assertThat(begun).as("begun before").isFalse();
    begun = true;
    enter("begin", () -> engine.begin(out));
  }

  @Override
  public void command(Command.OfStream command, Out out) {
    enter("command", () -> engine.command(command, out));
  }

  @Override
  public void ping(Command.Ping ping, Out out) {
    enter("ping", () -> engine.ping(ping, out));
  }

  @Override
  public void received(ByteBuf bytes, Out out) {
    lane("received", () -> engine.received(bytes, out));
  }

  @Override
  public boolean holdsBack() {
    return engine.holdsBack();
  }

  @Override
  public void roomAgain(Out out) {
    enter("roomAgain", () -> engine.roomAgain(out));
  }

  @Override
  public void flushing(Out out) {
    if (begun && !ended) {
      enter("flushing", () -> engine.flushing(out));
    }
  }

  @Override
  public void goOn(Out out) {
    enter("goOn", () -> engine.goOn(out));
  }

  @Override
  public void writable(Out out) {
    lane("writable", () -> engine.writable(out));
  }

  @Override
  public void inputCut(Out out) {
    lane("inputCut", () -> engine.inputCut(out));
  }

  @Override
  public void inputClosed(Out out) {
    lane("inputClosed", () -> engine.inputClosed(out));
  }

  @Override
  public void closed(Out out) {
    lane("closed", () -> engine.closed(out));
  }

  @Override
  public void outputEnded(Out out) {
    lane("outputEnded", () -> engine.outputEnded(out));
  }

  @Override
  public int streams() {
    return engine.streams();
  }

  @Override
  public OptionalLong maxStreams() {
    return engine.maxStreams();
  }

  @Override
  public boolean draining() {
    return engine.draining();
  }

  @Override
  public int room() {
    return engine.room();
  }

  @Override
  public int occupied() {
    return engine.occupied();
  }

  @Override
  public long idleLimit() {
    return engine.idleLimit();
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
  public void elapsed(Out out) {
    enter("elapsed", () -> engine.elapsed(out));
  }

  @Override
  public void shutdown(Out out) {
    enter("shutdown", () -> engine.shutdown(out));
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
    lingers = !lingers && engine.lingers();
    ended = !lingers;
    return casualties;
  }

  @Override
  public Reason cause(Reason end) {
    return engine.cause(end);
  }

  @Override
  public boolean lingers() {
    return engine.lingers();
  }
}
