package dev.lariat.fleet.pekko;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.lariat.fleet.Placement;
import dev.lariat.fleet.contract.Member;
import dev.lariat.fleet.contract.SharedPlacementContract;
import dev.lariat.fleet.contract.Watch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.cluster.Cluster;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Nodes of a cluster: those that start their own actor systems, and those in systems of a user. */
@Execution(ExecutionMode.CONCURRENT) // each in a cluster of its own
class PekkoPlacementTest extends SharedPlacementContract {
  private final Systems systems = new Systems();

  @AfterEach
  void endAll() {
    systems.close();
  }

  @Override
  protected Placement placement() {
    return PekkoPlacement.over(systems.start());
  }

  @Test
  void nodesWithSeedsFormAClusterAndLeaveIt() throws Exception {
    String seed = Systems.freeAddress();
    PekkoPlacement seeds = PekkoPlacement.seeds(seed).stableAfter(Duration.ofSeconds(1));
    try (Member first = Member.join(seeds.at(seed), SLOTS)) {
      first.await("all slots", its -> its.size() == SLOTS);
      assertThat(first.membership().node()).isEqualTo(seed);
      try (Member second = Member.join(seeds.at(Systems.freeAddress()), SLOTS)) {
        second.await("half of the slots", its -> its.size() == SLOTS / 2);
        second.awaitMembers(2);
      }
      first.await("all slots", its -> its.size() == SLOTS);
      first.awaitMembers(1);
    }
  }

  @Test
  void theSlotsOfANodeThatDiesGoToTheOthers() throws Exception {
    ActorSystem dying = systems.start(); // the oldest, which has more to do than the others
    Member first = Member.join(PekkoPlacement.over(dying), SLOTS);
    Member second = Member.join(PekkoPlacement.over(systems.start()), SLOTS);
    Member third = Member.join(PekkoPlacement.over(systems.start()), SLOTS);
    for (Member each : List.of(first, second, third)) {
      each.await("a third of the slots", its -> its.size() == SLOTS / 3);
    }
    try (Watch watch = new Watch()) {
      watch.over(first, second, third);
      systems.awaitUp();
      systems.kill(dying);
      first.await("no slots", Set::isEmpty);
      second.awaitMembers(2);
      second.await("half of the slots", its -> its.size() == SLOTS / 2);
      third.await("half of the slots", its -> its.size() == SLOTS / 2);
    }
  }

  @Test
  void aNodeThatIsCutOffLosesItsSlotsBeforeOthersHaveThem() throws Exception {
    Member first = Member.join(PekkoPlacement.over(systems.start()), SLOTS);
    Member second = Member.join(PekkoPlacement.over(systems.start()), SLOTS);
    ActorSystem lonely = systems.start();
    Member third = Member.join(PekkoPlacement.over(lonely), SLOTS);
    for (Member each : List.of(first, second, third)) {
      each.await("a third of the slots", its -> its.size() == SLOTS / 3);
    }
    try (Watch watch = new Watch()) {
      watch.over(first, second, third);
      systems.awaitUp();
      systems.cut(lonely);
      third.await("no slots", Set::isEmpty);
      assertThat(third.awaitEnd()).isEqualTo("the cluster has removed it");
      assertThat(third.membership().owner(0)).isEmpty();
      assertThat(first.slots()).hasSize(SLOTS / 3);
      first.await("half of the slots", its -> its.size() == SLOTS / 2);
      second.await("half of the slots", its -> its.size() == SLOTS / 2);
    }
  }

  @Test
  void whatIsPreparedIsGivenUpIfTheNodeThatDecidesDies() throws Exception {
    ActorSystem deciding = systems.start();
    Member.joinOverlapping(PekkoPlacement.over(deciding), SLOTS)
        .await("all slots", its -> its.size() == SLOTS);
    Member second = Member.joinOverlapping(placement(), SLOTS);
    Member third = Member.joinOverlapping(placement(), SLOTS);
    systems.awaitUp();
    third.awaitComing("a slot that it does not have", its -> !third.slots().containsAll(its));
    systems.kill(deciding);
    third.awaitComing("none that it does not have", its -> third.slots().containsAll(its));
    for (Member each : List.of(second, third)) {
      each.await("half of the slots", its -> its.size() == SLOTS / 2);
    }
  }

  @Test
  void aFleetThatClosesLeavesTheSystemOfItsUserRunning() throws Exception {
    ActorSystem system = systems.start();
    PekkoPlacement placement = PekkoPlacement.over(system);
    Member member = Member.join(placement, SLOTS);
    member.await("all slots", its -> its.size() == SLOTS);
    member.close();
    assertThat(member.slots()).isEmpty();
    assertThat(member.hasEnded()).isFalse(); // its user has closed it
    assertThatThrownBy(() -> Member.join(placement, SLOTS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pekko.name: fleet, allowed one that this actor system has not opened before");
    try (Member other = Member.join(placement.name("other"), SLOTS)) {
      other.await("all slots", its -> its.size() == SLOTS);
    }
    assertThat(Cluster.get(system).isTerminated()).isFalse();
  }

  @Test
  void aSystemWithWhichSlotsWouldNotMoveIsRefused() {
    refused("pekko.actor.provider = local", "pekko.actor.provider: local, allowed cluster");
    refused(
        "pekko.cluster.downing-provider-class = \"\"",
        "pekko.cluster.downing-provider-class: none, allowed one, or the slots of a node that dies"
            + " would stay with it for ever");
    refused(Checks.REGION_TIME + " = 20 s", Checks.REGION_TIME + ": PT20S, allowed 21 s or more");
  }

  private static void refused(String setting, String message) {
    Config config = ConfigFactory.parseString(setting).withFallback(Systems.CONFIG);
    ActorSystem system =
        ActorSystem.create("test", config.withFallback(ConfigFactory.defaultReference()));
    try {
      refused(() -> PekkoPlacement.over(system).join(SLOTS, null), message);
    } finally {
      system.terminate();
    }
  }

  @Test
  void misuseIsRefusedAtOnceByNameValueAndRange() {
    refused(PekkoPlacement::seeds, "pekko.seeds: none, allowed host:port of one node or more");
    refused(() -> PekkoPlacement.seeds("a"), "pekko.seeds: a, allowed host:port");
    refused(() -> PekkoPlacement.seeds("a:65536"), "pekko.seeds: a:65536, allowed host:port");
    PekkoPlacement placement = PekkoPlacement.seeds("a:1");
    refused(() -> placement.at("a b:1"), "pekko.at: a b:1, allowed host:port");
    refused(() -> placement.join(SLOTS, null), "pekko.at: not set, allowed host:port of this node");
    refused(
        () -> placement.stableAfter(Duration.ofMillis(999)),
        "pekko.stableAfter: PT0.999S, allowed 1 to 60 s");
    refused(
        () -> placement.handOff(Duration.ofHours(2)), "pekko.handOff: PT2H, allowed 1 to 3600 s");
    refused(
        () -> placement.name("a/b"),
        "pekko.name: a/b, allowed 1 to 50 letters, digits and hyphens");
  }

  private static void refused(ThrowingCallable misuse, String message) {
    assertThatThrownBy(misuse).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }

  @Test
  void anAddressThatCannotBeListenedAtIsToldAtOnce() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      assertThatThrownBy(() -> PekkoPlacement.seeds(address).at(address).join(SLOTS, null))
          .isInstanceOf(IOException.class)
          .hasMessage("cannot listen at " + address);
    }
  }
}
