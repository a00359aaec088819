package dev.lariat.fleet.pekko;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.Props;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.remote.RARP;
import org.apache.pekko.remote.transport.ThrottlerTransportAdapter;
import scala.jdk.javaapi.FutureConverters;

/** Actor systems of a user, in one cluster, on ports of the loopback that the machine chooses. */
@SuppressWarnings("deprecation") // what cuts a node off is for the tests of Pekko itself
final class Systems implements AutoCloseable {
  static final Config CONFIG =
      ConfigFactory.parseString(
          """
          pekko.actor.provider = cluster
          pekko.remote.artery.canonical { hostname = 127.0.0.1, port = 0 }
          pekko.remote.artery.advanced.test-mode = on
          pekko.cluster.downing-provider-class = org.apache.pekko.cluster.sbr.SplitBrainResolverProvider
          pekko.cluster.split-brain-resolver.stable-after = 2 s
          pekko.cluster {
            gossip-interval = 200 ms
            leader-actions-interval = 200 ms
            periodic-tasks-initial-delay = 200 ms
            unreachable-nodes-reaper-interval = 200 ms
            jmx.enabled = off
          }
          pekko.coordinated-shutdown.run-by-actor-system-terminate = off
          pekko.coordinated-shutdown.run-by-jvm-shutdown-hook = off
          pekko.coordinated-shutdown.phases.cluster-sharding-shutdown-region.timeout = 21 s
          pekko.loggers = [dev.lariat.fleet.pekko.SystemLog]
          pekko.stdout-loglevel = OFF
          """);

  private final List<ActorSystem> systems = new ArrayList<>();

  /** One more node of the cluster. */
  ActorSystem start() {
    ActorSystem system =
        ActorSystem.create("test", CONFIG.withFallback(ConfigFactory.defaultReference()));
    systems.add(system);
    Cluster.get(system).join(address(systems.getFirst()));
    return system;
  }

  /**
   * Waits until every node sees that all are up. A node that dies before that takes those with it
   * that see too few: they would not be most of the nodes.
   */
  void awaitUp() {
    for (ActorSystem system : systems) {
      CompletableFuture<Void> up = new CompletableFuture<>();
      system.actorOf(Props.create(Ups.class, () -> new Ups(systems.size(), up)));
      up.orTimeout(60, TimeUnit.SECONDS).join();
    }
  }

  /** Waits on a node until it sees so many up. */
  private static final class Ups extends AbstractActor {
    private final int count;
    private final CompletableFuture<Void> all;
    private final Set<Address> up = new HashSet<>();

    Ups(int count, CompletableFuture<Void> all) {
      this.count = count;
      this.all = all;
    }

    @Override
    public void preStart() {
      Cluster.get(getContext().getSystem())
          .subscribe(getSelf(), ClusterEvent.initialStateAsEvents(), ClusterEvent.MemberUp.class);
    }

    @Override
    public Receive createReceive() {
      return receiveBuilder().match(ClusterEvent.MemberUp.class, this::isUp).build();
    }

    private void isUp(ClusterEvent.MemberUp event) {
      up.add(event.member().address());
      if (up.size() == count) {
        all.complete(null);
        getContext().stop(getSelf());
      }
    }
  }

  /** Ends as a machine does that loses its power: it takes leave of nobody. */
  void kill(ActorSystem system) {
    system.terminate();
    FutureConverters.asJava(system.whenTerminated())
        .toCompletableFuture()
        .orTimeout(20, TimeUnit.SECONDS)
        .join();
  }

  /** Cuts a node off from all others. */
  void cut(ActorSystem system) throws Exception {
    for (ActorSystem other : systems) {
      if (other != system) {
        cut(system, other);
        cut(other, system);
      }
    }
  }

  private static void cut(ActorSystem from, ActorSystem to) throws Exception {
    var command =
        new ThrottlerTransportAdapter.SetThrottle(
            address(to), both(), ThrottlerTransportAdapter.Blackhole$.MODULE$);
    RARP remoting = (RARP) RARP.get(from);
    FutureConverters.asJava(remoting.provider().transport().managementCommand(command))
        .toCompletableFuture()
        .orTimeout(20, TimeUnit.SECONDS)
        .join();
  }

  /** Found by its name: javac does not understand how Scala nests it. */
  private static ThrottlerTransportAdapter.Direction both() throws Exception {
    Class<?> both = Class.forName(ThrottlerTransportAdapter.Direction.class.getName() + "$Both$");
    return (ThrottlerTransportAdapter.Direction) both.getField("MODULE$").get(null);
  }

  private static Address address(ActorSystem system) {
    return Cluster.get(system).selfAddress();
  }

  @Override
  public void close() {
    for (ActorSystem system : systems) {
      kill(system);
    }
  }

  /** An address of the loopback at which nobody listens. */
  static String freeAddress() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return "127.0.0.1:" + socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
