package dev.lariat.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.protocol.Host;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.StreamRef;
import dev.lariat.message.TunnelUp;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A channel on the stream of a tunnel; the test speaks for the connection that carries it. */
class StreamChannelTest {
  private static final ConnectionRef CONNECTION = () -> "proxy:3128";
  private static final StreamRef REF = () -> CONNECTION;
  private static final Reason LOST = new Reason.Reset("test");

  private final MockTicker ticker = Ticker.newMockTicker();
  private final StillLoop still = new StillLoop(ticker);
  private final Carrying outer = new Carrying();
  private final Told told = new Told();
  private final ChannelFuture connecting = connect();

  /** Keeps what is posted. */
  private static final class Carrying implements Outer {
    private final List<Command> posted = new ArrayList<>();
    private Optional<Inbox> inbox = Optional.empty();
    private boolean ended;

    @Override
    public String name() {
      return "proxy:3128";
    }

    @Override
    public Command.Connect request(Inbox inbox) {
      this.inbox = Optional.of(inbox);
      return new Command.Connect(
          new Stream(REF, inbox, Gate.NONE), "origin:443", Headers.EMPTY, FieldNames.PLAIN);
    }

    @Override
    public boolean post(Command... commands) {
      posted.addAll(List.of(commands));
      return !ended;
    }

    @Override
    public Optional<Reason> ended() {
      return ended ? Optional.of(new Reason.OwnerClosed()) : Optional.empty();
    }

    /** What was posted since the last time: of data, the bytes. */
    List<Object> taken() {
      List<Object> all = new ArrayList<>();
      for (Command command : posted) {
        all.add(
            command instanceof Command.Data data
                ? text(data) + (data.last() ? "$" : "")
                : command.getClass());
      }
      posted.clear();
      return all;
    }

    static String text(Command.Data data) {
      return StandardCharsets.UTF_8.decode(data.payload().duplicate()).toString();
    }
  }

  /** What the host at the end of the pipeline is told. */
  private static final class Told implements Host {
    private final List<String> all = new ArrayList<>();
    private Runnable whenWritable = () -> {};

    @Override
    public void received(ByteBuf bytes) {
      all.add(bytes.toString(StandardCharsets.UTF_8));
      bytes.skipBytes(bytes.readableBytes());
    }

    @Override
    public void writabilityChanged() {
      all.add("writability");
      whenWritable.run();
    }

    @Override
    public void inputCut() {
      all.add("cut");
    }

    @Override
    public void inputClosed() {
      all.add("end of input");
    }

    @Override
    public void outputEnded() {
      all.add("end of output");
    }

    @Override
    public void closed() {
      all.add("closed");
    }

    @Override
    public void failed(Reason reason) {
      all.add(reason.sentence());
    }

    @Override
    public void broke(Throwable cause) {
      all.add(Failures.broken(cause).sentence());
    }

    List<String> taken() {
      List<String> taken = List.copyOf(all);
      all.clear();
      return taken;
    }
  }

  private ChannelFuture connect() {
    ChannelFuture future =
        new Bootstrap()
            .group(still.loop().netty())
            .channelFactory(() -> new StreamChannel(outer))
            .disableResolver()
            .option(ChannelOption.AUTO_READ, false)
            .option(ChannelOption.AUTO_CLOSE, false)
            .option(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(150, 200)) // each message counts about 100 more
            .handler(new ChannelInboundHandlerAdapter())
            .connect(InetSocketAddress.createUnresolved("origin", 443));
    still.run();
    return future;
  }

  private StreamChannel channel() {
    return (StreamChannel) connecting.channel();
  }

  private void tells(Message... messages) {
    outer.inbox.orElseThrow().put(messages, messages.length);
    still.run();
  }

  private static Data data(String text, boolean last) {
    return new Data(REF, last, Bytes.ofUtf8(text));
  }

  /** The tunnel is open, and its channel is read. */
  private void opens() {
    tells(new TunnelUp(REF, 200, Headers.EMPTY));
    assertThat(connecting.isSuccess()).isTrue();
    Wire.host(channel(), told);
    Wire.allowHalfClose(channel());
    channel().config().setAutoRead(true);
    still.run();
    outer.taken();
  }

  private ChannelFuture write(String text) {
    ChannelFuture written =
        channel().writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
    still.run();
    return written;
  }

  private void passes(Duration time) {
    ticker.advance(time.toNanos(), TimeUnit.NANOSECONDS);
    still.run();
  }

  @AfterEach
  void nothingIsLeft() {
    channel().close();
    still.run();
    passes(Duration.ofDays(1));
  }

  // ---- to connect

  @Test
  void toConnectIsToAskForTheTunnel() {
    assertThat(outer.taken()).containsExactly(Command.Connect.class);
    assertThat(connecting.isDone()).isFalse();
    tells(new Inform(REF, 103, Headers.EMPTY));
    assertThat(channel().isActive()).isFalse();
    TunnelUp up = new TunnelUp(REF, 200, Headers.of("via", "x"));
    tells(up);
    assertThat(connecting.isSuccess()).isTrue();
    assertThat(channel().isActive()).isTrue();
    assertThat(channel().opened()).isEqualTo(up);
  }

  private Reason refusal() {
    assertThat(connecting.cause()).isInstanceOf(TunnelFailure.class);
    Reason.Tunnel reason = (Reason.Tunnel) Failures.connecting("origin:443", connecting.cause());
    assertThat(reason.through()).isEqualTo("proxy:3128");
    assertThat(channel().isOpen()).isFalse();
    return reason.last();
  }

  @Test
  void aRefusalFailsItWithTheWholeAnswer() {
    Headers headers = Headers.of("via", "x");
    tells(new Response(REF, false, 403, headers), data("be", false));
    assertThat(connecting.isDone()).isFalse();
    outer.taken();
    tells(data("cause", true));
    assertThat(refusal())
        .isEqualTo(new Reason.Status(403, Optional.empty(), headers, Bytes.ofUtf8("because")));
    assertThat(outer.taken()).as("the stream has ended").isEmpty();
  }

  @Test
  void aRefusalWithoutEndIsTakenAsFarAsItCame() {
    tells(new Response(REF, false, 502, Headers.EMPTY), data("some", false));
    outer.taken();
    passes(Duration.ofSeconds(1));
    assertThat(((Reason.Status) refusal()).body()).isEqualTo(Bytes.ofUtf8("some"));
    assertThat(outer.taken()).containsExactly(Command.Cancel.class);
  }

  @Test
  void aStreamThatFailsIsTheReason() {
    tells(new StreamFailed(REF, LOST));
    assertThat(refusal()).isEqualTo(LOST);
  }

  @Test
  void aChannelThatIsClosedBeforeTheAnswerGivesItsStreamUp() {
    outer.taken();
    channel().close();
    still.run();
    assertThat(outer.taken()).containsExactly(Command.Cancel.class);
    tells(new TunnelUp(REF, 200, Headers.EMPTY));
    assertThat(channel().isActive()).isFalse();
  }

  @Test
  void aConnectionThatHasEndedCarriesNone() {
    outer.ended = true;
    ChannelFuture none = connect();
    assertThat(none.cause()).isInstanceOf(TunnelFailure.class);
    channel().close();
  }

  // ---- bytes

  @Test
  void whatCameWithTheAnswerIsReadWhenItIsWanted() {
    tells(new TunnelUp(REF, 200, Headers.EMPTY), data("early", false));
    Wire.host(channel(), told);
    still.run();
    assertThat(told.taken()).isEmpty();
    channel().config().setAutoRead(true);
    still.run();
    assertThat(told.taken()).containsExactly("early");
  }

  @Test
  void bytesGoBothWays() {
    opens();
    write("there");
    assertThat(outer.taken()).containsExactly("there");
    tells(data("and", false), data("back", false));
    assertThat(told.taken()).containsExactly("and", "back");
  }

  @Test
  void aWriteHasSucceededWhenTheOtherConnectionHasWrittenIt() {
    opens();
    ChannelFuture first = write("12345");
    assertThat(channel().isWritable()).isTrue();
    ChannelFuture second = write("6789");
    assertThat(channel().isWritable()).isFalse();
    List<Command> posted = List.copyOf(outer.posted);
    assertThat(outer.taken()).containsExactly("12345", "6789");
    told.taken();
    ((Command.Data) posted.get(0)).fate().written();
    still.run();
    assertThat(first.isSuccess()).isTrue();
    assertThat(second.isDone()).isFalse();
    ((Command.Data) posted.get(1)).fate().written();
    still.run();
    assertThat(second.isSuccess()).isTrue();
    assertThat(channel().isWritable()).isTrue();
    assertThat(told.taken()).contains("writability");
  }

  /** As a host that has more to send does, within the call that makes room. */
  private void goesOnWhenWritable(String more) {
    told.whenWritable =
        () -> {
          if (channel().isWritable()) {
            told.whenWritable = () -> {};
            channel().writeAndFlush(Unpooled.copiedBuffer(more, StandardCharsets.UTF_8));
          }
        };
  }

  private Fate writesTwoTogether() {
    channel().write(Unpooled.copiedBuffer("first", StandardCharsets.UTF_8));
    write("second");
    Fate fate = ((Command.Data) outer.posted.getLast()).fate();
    assertThat(outer.taken()).containsExactly("first", "second");
    return fate;
  }

  @Test
  void whatIsWrittenAsSoonAsThereIsRoomIsPostedOnceAndNothingAgain() {
    opens();
    Fate fate = writesTwoTogether();
    goesOnWhenWritable("three");
    fate.written();
    still.run();
    assertThat(outer.taken()).containsExactly("three");
  }

  @Test
  void whatIsWrittenWhileItFailsGoesNowhere() {
    opens();
    Fate fate = writesTwoTogether();
    goesOnWhenWritable("three");
    fate.lost(LOST);
    still.run();
    assertThat(outer.taken()).doesNotContain("second", "three");
    assertThat(told.taken())
        .contains(new Reason.Tunnel("proxy:3128", LOST).sentence())
        .endsWith("closed");
  }

  @Test
  void theEndOfTheOtherConnectionByItsOwnerIsToldThoughNothingIsRead() {
    opens();
    channel().config().setAutoRead(false);
    tells(data("unread", false), new StreamFailed(REF, new Reason.OwnerClosed()));
    assertThat(told.taken())
        .containsExactly(
            new Reason.Tunnel("proxy:3128", new Reason.OwnerClosed()).sentence(), "closed");
  }

  @Test
  void aWriteThatIsLostFailsWithTheReason() {
    opens();
    ChannelFuture write = write("12345");
    ((Command.Data) outer.posted.getFirst()).fate().lost(LOST);
    still.run();
    assertThat(write.cause()).isInstanceOf(TunnelFailure.class);
    assertThat(told.taken())
        .contains(new Reason.Tunnel("proxy:3128", LOST).sentence())
        .endsWith("closed");
  }

  /** RFC 9113 section 8.1: a proxy that has ended its side may reset the stream. */
  @Test
  void aWriteOnAStreamThatTheProxyHasEndedIsLostSinceItIsClosed() {
    opens();
    ChannelFuture write = write("12345");
    ((Command.Data) outer.posted.getFirst())
        .fate()
        .lost(new Reason.BadState("data", "nothing more of the request's body is awaited"));
    still.run();
    assertThat(write.cause()).isInstanceOf(TunnelFailure.class);
    assertThat(told.taken())
        .contains(new Reason.Tunnel("proxy:3128", new Reason.Closed()).sentence())
        .endsWith("closed");
  }

  @Test
  void whatCameBeforeAWriteWasLostIsReadFirst() {
    opens();
    write("12345");
    ((Command.Data) outer.posted.getFirst())
        .fate()
        .lost(LOST); // in the turn that brings the answer
    tells(data("the whole", false), data("answer", true));
    assertThat(told.taken())
        .startsWith("the whole", "answer", "end of input")
        .contains(new Reason.Tunnel("proxy:3128", LOST).sentence())
        .endsWith("closed");
  }

  /** As after the shutdown of the other connection, whose last bytes have come. */
  @Test
  void whatCameBeforeTheOtherConnectionEndedIsReadFirst() {
    opens();
    channel().config().setAutoRead(false);
    still.run();
    tells(data("the whole", false), data("answer", false));
    outer.ended = true;
    write("12345");
    assertThat(told.taken()).isEmpty();
    channel().config().setAutoRead(true);
    still.run();
    assertThat(told.taken())
        .startsWith("the whole", "answer")
        .contains(new Reason.Tunnel("proxy:3128", new Reason.OwnerClosed()).sentence())
        .endsWith("closed");
  }

  @Test
  void theOtherConnectionReadsNoMoreWhileMuchWaits() {
    opens();
    channel().config().setAutoRead(false);
    Inbox inbox = outer.inbox.orElseThrow();
    tells(data("x".repeat(200_000), false));
    assertThat(inbox.full()).isFalse();
    tells(data("y".repeat(200_000), false));
    assertThat(inbox.full()).isTrue();
    List<String> room = new ArrayList<>();
    inbox.whenRoom(() -> room.add("room"));
    assertThat(room).isEmpty();
    assertThat(told.taken()).isEmpty();
    channel().config().setAutoRead(true);
    still.run();
    assertThat(room).containsExactly("room");
    assertThat(inbox.full()).isFalse();
    assertThat(String.join("", told.taken())).hasSize(400_000);
  }

  // ---- the ends

  @Test
  void thePeersEndIsToldAfterItsBytesAndThisSideGoesOn() {
    opens();
    tells(data("last", false), data("", true));
    assertThat(told.taken()).containsExactly("last", "end of input");
    write("still");
    assertThat(outer.taken()).containsExactly("still");
    Wire.endOutput(channel());
    still.run();
    assertThat(outer.taken()).containsExactly("$");
    channel().close();
    still.run();
    assertThat(outer.taken()).as("both sides have ended").isEmpty();
  }

  @Test
  void aFailureIsToldWithItsReasonAfterTheBytesBeforeIt() {
    opens();
    tells(data("before", false), new StreamFailed(REF, LOST));
    assertThat(told.taken())
        .containsExactly("before", new Reason.Tunnel("proxy:3128", LOST).sentence(), "closed");
    assertThat(outer.taken()).isEmpty();
  }

  @Test
  void whatWasWrittenGoesOutWhenItIsClosedAndThenTheEnd() {
    opens();
    write("some");
    write("more");
    channel().close();
    still.run();
    assertThat(outer.taken()).containsExactly("some", "more", "$");
    passes(Duration.ofMillis(999));
    assertThat(outer.taken()).isEmpty();
    passes(Duration.ofMillis(1));
    assertThat(outer.taken()).as("the peer does not end its side").contains(Command.Cancel.class);
  }

  @Test
  void aPeerThatEndsItsSideIsNotCancelled() {
    opens();
    channel().close();
    still.run();
    assertThat(outer.taken()).containsExactly("$");
    tells(data("late", false), data("", true));
    passes(Duration.ofHours(1));
    assertThat(outer.taken()).isEmpty();
    assertThat(told.taken()).containsExactly("closed");
  }
}
