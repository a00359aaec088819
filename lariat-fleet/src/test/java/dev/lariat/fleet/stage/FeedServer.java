package dev.lariat.fleet.stage;

import dev.lariat.fleet.internal.core.FleetCore;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * A server of feeds with one numbered event a second each, which sees what no node can see: whether
 * a feed is open twice, and for how long it is not open. All of it is on one thread.
 */
public final class FeedServer implements AutoCloseable {
  private static final int TENTHS = 10; // of a second: slots have their events at different ones

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ServerBootstrap bootstrap;
  private final int port;
  private final int slots;
  private final long start = System.nanoTime();

  // On the thread.
  private Channel listening;
  private final Set<Channel> channels = new HashSet<>(); // of all clients
  private final Map<String, Feed> feeds = new HashMap<>();
  private final Set<String> refused = new HashSet<>();
  private int openFeeds;
  private long openedAt; // the last of them
  private Seen seen = new Seen();

  /** A feed and its connections. */
  private static final class Feed {
    final int slot;
    final int tenth;
    final Map<Channel, Session> sessions = new HashMap<>();
    long closedAt;
    String closedBy;

    Feed(String name, int slots) {
      this.slot = FleetCore.slotOf(name, slots);
      this.tenth = slot % TENTHS;
    }
  }

  private static final class Session {
    final String node;
    long sent;

    Session(String node, long sent) {
      this.node = node;
      this.sent = sent;
    }
  }

  /** What was seen since the last {@link #look}. */
  public static final class Seen {
    public int doubled; // how many times a feed was opened that was open
    public String doubledOf = "none"; // the slot, and the nodes of the first such feed
    public int opened;
    public final List<Long> openedAt = new ArrayList<>(); // by System.nanoTime()
    public int attemptsRefused;
    public double longestGap; // seconds
    public String longestGapOf = "none"; // the slot, and the nodes before and after it
    public int fewestOpen = Integer.MAX_VALUE;
  }

  /**
   * Listens.
   *
   * @param busy whether feeds have events
   */
  public FeedServer(int slots, boolean busy) throws InterruptedException {
    this.slots = slots;
    this.bootstrap =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 4096)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channels.add(channel);
                    channel
                        .pipeline()
                        .addLast(new HttpServerCodec(), new HttpObjectAggregator(8192))
                        .addLast(new Visitor());
                  }
                });
    this.listening = bootstrap.bind("127.0.0.1", 0).sync().channel();
    this.port = ((InetSocketAddress) listening.localAddress()).getPort();
    if (busy) {
      loop.scheduleAtFixedRate(this::send, 100, 100, TimeUnit.MILLISECONDS);
    }
  }

  /** Where it listens, at 127.0.0.1. */
  public int port() {
    return port;
  }

  /** Is away, as if its process had died. */
  public void die() throws InterruptedException {
    listening.close().sync();
    ask(
        () -> {
          List.copyOf(channels).forEach(Channel::close);
          return true;
        });
  }

  /** Is there again. */
  public void live() throws InterruptedException {
    listening = bootstrap.bind("127.0.0.1", port).sync().channel();
  }

  private final class Visitor extends SimpleChannelInboundHandler<Object> {
    private WebSocketServerHandshaker handshaker;
    private Feed feed;

    @Override
    protected void channelRead0(ChannelHandlerContext context, Object message) {
      if (message instanceof FullHttpRequest request) {
        upgrade(context, request);
      } else if (message instanceof CloseWebSocketFrame close) {
        ended(context.channel());
        handshaker.close(context.channel(), close.retain());
      } else if (message instanceof PingWebSocketFrame ping) {
        context.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
      } else if (!(message instanceof WebSocketFrame)) {
        context.close();
      }
    }

    private void upgrade(ChannelHandlerContext context, FullHttpRequest request) {
      QueryStringDecoder uri = new QueryStringDecoder(request.uri());
      String name = uri.path().substring(1);
      if (refused.contains(name)) {
        seen.attemptsRefused++;
        var response =
            new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.FORBIDDEN);
        context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        return;
      }
      handshaker =
          new WebSocketServerHandshakerFactory("ws://127.0.0.1/", null, false)
              .newHandshaker(request);
      handshaker.handshake(context.channel(), request);
      feed = feeds.computeIfAbsent(name, its -> new Feed(its, slots));
      long from = Long.parseLong(uri.parameters().getOrDefault("from", List.of("0")).getFirst());
      if (uri.parameters().containsKey("now")) {
        from = newest(feed); // as servers do that cannot resume
      }
      began(
          context.channel(),
          new Session(uri.parameters().getOrDefault("node", List.of("")).getFirst(), from));
    }

    private void began(Channel channel, Session session) {
      openedAt = System.nanoTime();
      seen.opened++;
      seen.openedAt.add(openedAt);
      if (feed.sessions.isEmpty()) {
        openFeeds++;
        double gap = feed.closedAt == 0 ? 0 : (System.nanoTime() - feed.closedAt) / 1e9;
        if (gap > seen.longestGap) {
          seen.longestGap = gap;
          seen.longestGapOf =
              "slot %d from %s to %s".formatted(feed.slot, feed.closedBy, session.node);
        }
      } else {
        if (seen.doubled++ == 0) {
          seen.doubledOf =
              "slot %d of %s at %s"
                  .formatted(
                      feed.slot, feed.sessions.values().iterator().next().node, session.node);
        }
      }
      feed.sessions.put(channel, session);
      send(feed);
    }

    private void ended(Channel channel) {
      Session session = feed == null ? null : feed.sessions.remove(channel);
      if (session != null && feed.sessions.isEmpty()) {
        feed.closedAt = System.nanoTime();
        feed.closedBy = session.node;
        openFeeds--;
        seen.fewestOpen = Math.min(seen.fewestOpen, openFeeds);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      channels.remove(context.channel());
      ended(context.channel());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close(); // reset by a process that was killed
    }
  }

  private void send() {
    feeds.values().forEach(this::send);
  }

  private void send(Feed feed) {
    long newest = newest(feed);
    feed.sessions.forEach(
        (channel, session) -> {
          if (session.sent < newest) {
            while (session.sent < newest && channel.isWritable()) {
              channel.write(new TextWebSocketFrame("{\"seq\":" + ++session.sent + "}"));
            }
            channel.flush();
          }
        });
  }

  /** The number of the newest event of a feed: one more in each second. */
  private long newest(Feed feed) {
    long tenths = (System.nanoTime() - start) / 100_000_000;
    return (tenths + feed.tenth) / TENTHS;
  }

  // ---- what the test asks

  /** The number of the newest event that every feed has. */
  long newest() {
    return (System.nanoTime() - start) / 1_000_000_000;
  }

  private <T> T ask(Callable<T> question) {
    try {
      return loop.submit(question).get();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** What was seen since the last time. */
  public Seen look() {
    return ask(
        () -> {
          Seen its = seen;
          seen = new Seen();
          seen.fewestOpen = openFeeds;
          return its;
        });
  }

  /** How many feeds are open. */
  public int openFeeds() {
    return ask(() -> openFeeds);
  }

  /** How many feeds a node has open. */
  public int openFeeds(String node) {
    return ask(() -> (int) feeds.values().stream().filter(feed -> isOpenAt(feed, node)).count());
  }

  private static boolean isOpenAt(Feed feed, String node) {
    return feed.sessions.values().stream().anyMatch(session -> session.node.equals(node));
  }

  /** How long ago a feed was opened last. */
  Duration sinceOpened() {
    return ask(() -> Duration.ofNanos(System.nanoTime() - openedAt));
  }

  /** How many connections are more than one of their feed. */
  public int doubledNow() {
    return ask(
        () ->
            feeds.values().stream().mapToInt(feed -> Math.max(0, feed.sessions.size() - 1)).sum());
  }

  /** The slots whose feeds each node has open. */
  public Map<String, Set<Integer>> slotsByNode() {
    return ask(
        () -> {
          Map<String, Set<Integer>> all = new TreeMap<>();
          for (Feed feed : feeds.values()) {
            for (Session session : feed.sessions.values()) {
              all.computeIfAbsent(session.node, node -> new HashSet<>()).add(feed.slot);
            }
          }
          return all;
        });
  }

  /** Closes a feed and refuses it from now on. */
  public void refuse(String name) {
    ask(
        () -> {
          refused.add(name);
          feeds.get(name).sessions.keySet().forEach(Channel::close);
          return true;
        });
  }

  /** Refuses it no more. */
  public void serve(String name) {
    ask(
        () -> {
          feeds.get(name).closedAt = 0; // so far it was no gap of a move
          return refused.remove(name);
        });
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
