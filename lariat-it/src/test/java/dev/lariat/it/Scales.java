package dev.lariat.it;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Open;
import dev.lariat.message.Protocol;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Keepalive;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Tls;
import dev.lariat.option.WebSocketOptions;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * A program that weighs idle connections, or the streams of one connection of HTTP/2: what the heap
 * has for each of them after a collection, by class. It opens some first, so that what all of them
 * share is there, and then as many as it weighs. Of connections, only classes count of which about
 * every one has an object: tables of the event loops and of the JVM grow now and then, and would
 * blur it. Of streams all counts, since their tables are a part of them.
 *
 * <p>It opens one connection after another, so that each resumes the TLS session of the one before:
 * which of many at once find a ticket would be chance, and those that find none keep the server's
 * certificates. Each line of its output is a kind with the bytes of one, or the bytes and the
 * number of a class's objects in one.
 */
final class Scales {
  private static final int BEFORE = 60;
  private static final int WEIGHED = 240;
  private static final int STREAMS_BEFORE = 100;
  private static final int STREAMS_WEIGHED = 900; // so that 1,000 are open

  private Scales() {}

  /** A kind of connection, or of stream. */
  private interface Kind {
    /** Opens so many, waits until all of them are open, and keeps them. */
    void open(int count, List<Object> kept) throws Exception;
  }

  /**
   * Weighs.
   *
   * @param args the URI of a server that accepts each upgrade and says nothing more; or {@code
   *     streams} and the URI of one that reads each request of HTTP/2 and does not answer
   */
  public static void main(String[] args) throws Exception {
    List<Object> kept = new ArrayList<>();
    if (args[0].equals("streams")) {
      weigh("stream", new Streams(args[1]), STREAMS_BEFORE, STREAMS_WEIGHED, 1, kept);
      Reference.reachabilityFence(kept);
      System.exit(0);
    }
    URI uri = URI.create(args[0]);
    weigh("netty", new BareNetty(uri), kept);
    weigh("live", (count, its) -> live(uri, false, count, its), kept);
    weigh("stepped", (count, its) -> live(uri, true, count, its), kept);
    Reference.reachabilityFence(kept);
    System.exit(0);
  }

  private static void weigh(String name, Kind kind, List<Object> kept) throws Exception {
    weigh(name, kind, BEFORE, WEIGHED, WEIGHED / 2, kept); // no connection has the others' own
  }

  /**
   * Weighs what is open.
   *
   * @param least how many objects of a class there must be, so that it counts
   */
  private static void weigh(
      String name, Kind kind, int first, int weighed, int least, List<Object> kept)
      throws Exception {
    kind.open(first, kept);
    Path before = Files.writeString(Files.createTempFile("heap", ""), histogram()); // not weighed
    kind.open(weighed, kept);
    Map<String, Count> more = counts(histogram());
    counts(Files.readString(before))
        .forEach((type, count) -> more.merge(type, count.negated(), Count::plus));
    more.values().removeIf(count -> count.objects() < least);
    long all = more.values().stream().mapToLong(Count::bytes).sum();
    System.out.println(name + " " + all / weighed);
    more.entrySet().stream()
        .sorted(Comparator.comparingLong(entry -> -entry.getValue().bytes()))
        .map(entry -> entry.getValue().each(weighed) + " " + entry.getKey())
        .forEach(line -> System.out.println("  " + line));
  }

  /** How many objects of a class there are, and their bytes. */
  private record Count(long objects, long bytes) {
    Count plus(Count other) {
      return new Count(objects + other.objects, bytes + other.bytes);
    }

    Count negated() {
      return new Count(-objects, -bytes);
    }

    String each(int connections) {
      return Math.round((double) bytes / connections)
          + " "
          + Math.round((double) objects / connections);
    }
  }

  /** What is reachable, by class; collects what is not. */
  private static String histogram() throws JMException {
    ask(); // what waited to be cleared is unreachable then
    return ask();
  }

  private static Map<String, Count> counts(String histogram) {
    Map<String, Count> counts = new HashMap<>();
    for (String line : histogram.lines().toList()) {
      String[] words = line.strip().split("\\s+");
      if (words.length >= 4 && words[0].endsWith(":")) {
        Count count = new Count(Long.parseLong(words[1]), Long.parseLong(words[2]));
        counts.merge(words[3], count, Count::plus);
      }
    }
    return counts;
  }

  private static String ask() throws JMException {
    return (String)
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "gcClassHistogram",
                new Object[] {new String[0]},
                new String[] {String[].class.getName()});
  }

  // ---- Lariat's

  private static void live(URI uri, boolean stepped, int count, List<Object> kept)
      throws InterruptedException {
    ConnectionOptions connection =
        uri.getScheme().equals("wss")
            ? ConnectionOptions.DEFAULT.tls(Tls.DEFAULT)
            : ConnectionOptions.DEFAULT;
    WebSocketOptions silent = // the server answers no ping
        WebSocketOptions.DEFAULT.keepalive(Keepalive.every(Duration.ofHours(1)));
    LiveOptions options = LiveOptions.DEFAULT.connection(connection).webSocket(silent);
    for (int i = 0; i < count; i++) {
      Endpoint endpoint = Endpoint.of(uri.resolve("/feed/" + kept.size()));
      LiveWebSocket.Plan plan =
          stepped
              ? LiveWebSocket.to((attempt, last) -> endpoint).onOpen(session -> {})
              : LiveWebSocket.to(endpoint);
      LiveWebSocket socket = plan.options(options).open();
      while (!(socket.mailbox().take() instanceof Open)) { // nothing is left to read after it
      }
      kept.add(socket);
    }
  }

  /** Requests on one connection, which nobody answers. */
  private static final class Streams implements Kind {
    private final Connection connection;

    Streams(String uri) throws InterruptedException {
      connection =
          Lariat.open(URI.create(uri), ConnectionOptions.DEFAULT.protocols(Protocol.HTTP_2));
      connection.awaitUp(Duration.ofSeconds(30));
    }

    @Override
    public void open(int count, List<Object> kept) {
      for (int i = 0; i < count; i++) {
        kept.add(connection.get("/"));
      }
      connection.ping().join(); // all of them are sent
    }
  }

  // ---- Netty's, without anything

  private static final class BareNetty implements Kind {
    private final URI uri;
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(NioIoHandler.newFactory());
    private final BlockingQueue<Channel> open = new LinkedBlockingQueue<>();
    private final SslContext tls;

    BareNetty(URI uri) throws Exception {
      this.uri = uri;
      this.tls =
          SslContextBuilder.forClient()
              .sslProvider(SslProvider.JDK)
              .endpointIdentificationAlgorithm("HTTPS")
              .build();
    }

    @Override
    public void open(int count, List<Object> kept) throws InterruptedException {
      ByteBuf request =
          Unpooled.copiedBuffer(
              "GET / HTTP/1.1\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
              StandardCharsets.US_ASCII);
      Accepted accepted = new Accepted(request);
      for (int i = 0; i < count; i++) {
        new Bootstrap()
            .group(loops)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    if (uri.getScheme().equals("wss")) {
                      channel
                          .pipeline()
                          .addLast(tls.newHandler(channel.alloc(), uri.getHost(), uri.getPort()));
                    }
                    channel.pipeline().addLast(accepted);
                  }
                })
            .connect(uri.getHost(), uri.getPort());
        kept.add(open.take());
      }
    }

    @Sharable
    private final class Accepted extends SimpleChannelInboundHandler<ByteBuf> {
      private final ByteBuf request;

      Accepted(ByteBuf request) {
        this.request = request;
      }

      @Override
      public void channelActive(ChannelHandlerContext context) {
        context.writeAndFlush(request.retainedDuplicate());
      }

      @Override
      protected void channelRead0(ChannelHandlerContext context, ByteBuf answer) {
        open.add(context.channel()); // the server writes it at once, so it comes as one
      }
    }
  }
}
