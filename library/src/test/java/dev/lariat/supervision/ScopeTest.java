package dev.lariat.supervision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.World;
import dev.lariat.internal.entrance.Adoption;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Reason;
import dev.lariat.message.Terminated;
import dev.lariat.option.EventOptions;
import dev.lariat.option.LiveOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a run owns, on a network whose loop runs on the test's thread, which is the child's own too:
 * so what is adopted by mistake would be seen.
 */
@Timeout(30)
class ScopeTest {
  private final World world = new World();
  private final Supervisor supervisor = Supervisor.open();
  private final Scope scope = new Scope(supervisor, "child", 0, Optional.empty());
  private final List<String> closed = new ArrayList<>();

  @BeforeEach
  void enter() {
    Scope.enter(scope);
  }

  @AfterEach
  void leave() {
    Scope.enter(null);
    supervisor.close();
  }

  // ---- what is owned

  @Test
  void aConnectionIsClosedWithItsRunAndSoIsTheMailboxThatWasMadeForIt() throws Exception {
    Connection connection = Lariat.open("origin.example", 80, world.options());
    World.Line line = world.attempt().up();

    end();

    assertThat(line.isOpen()).isFalse();
    assertThat(end(connection)).isEqualTo(new Reason.OwnerClosed());
    assertThatIllegalStateException().isThrownBy(connection.mailbox()::take);
  }

  @Test
  void aMailboxOfTheUsersStaysOpenAndIsTold() {
    Mailbox mailbox = Mailbox.create();
    Connection connection = Lariat.open("origin.example", 80, world.options(), mailbox);
    world.attempt().up();

    end();

    assertThat(world.told(mailbox)).last().isInstanceOf(Terminated.class);
    assertThat(end(connection)).isNotNull();
  }

  @Test
  void aLiveWebSocketIsOwnedAndTheConnectionsThatItIsMadeOfAreNot() {
    LiveWebSocket live =
        LiveWebSocket.to("ws://feed.example/")
            .options(LiveOptions.DEFAULT.connection(world.options()))
            .open();
    World.Line line = world.attempt().up().accept();

    scope.disown(live);

    assertThat(scope.seal()).isFalse();
    live.close();
    world.run();
    assertThat(line.isOpen()).isFalse();
  }

  @Test
  void aLiveWebSocketIsClosedWithItsRun() {
    LiveWebSocket live =
        LiveWebSocket.to("ws://feed.example/")
            .options(LiveOptions.DEFAULT.connection(world.options()))
            .open();
    World.Line line = world.attempt().up().accept();

    end();

    assertThat(line.isOpen()).isFalse();
    assertThat(end(live)).isEqualTo(new Reason.OwnerClosed());
    assertThatIllegalStateException().isThrownBy(live.mailbox()::take);
  }

  @Test
  void liveEventsAreOwnedAndTheConnectionsThatTheyAreMadeOfAreNot() {
    LiveEvents live =
        LiveEvents.to("http://feed.example/")
            .options(EventOptions.DEFAULT.connection(world.options()))
            .open();
    World.Line line = world.attempt().up();

    scope.disown(live);

    assertThat(scope.seal()).isFalse();
    live.close();
    world.run();
    assertThat(line.isOpen()).isFalse();
  }

  @Test
  void liveEventsAreClosedWithTheirRun() {
    LiveEvents live =
        LiveEvents.to("http://feed.example/")
            .options(EventOptions.DEFAULT.connection(world.options()))
            .open();
    World.Line line = world.attempt().up();

    end();

    assertThat(line.isOpen()).isFalse();
    assertThat(end(live)).isEqualTo(new Reason.OwnerClosed());
    assertThatIllegalStateException().isThrownBy(live.mailbox()::take);
  }

  @Test
  void theLatestIsClosedFirst() {
    own("a");
    own("b");
    own("c");

    end();

    assertThat(closed).containsExactly("c", "b", "a");
  }

  @Test
  void whatDoesNotCloseDoesNotKeepTheOthersOpen() {
    own("a");
    scope.own(
        () -> {
          throw new IOException("it does not close");
        });
    scope.own(
        () -> {
          throw new AssertionError("it does not close either");
        });

    end();

    assertThat(closed).containsExactly("a");
  }

  @Test
  void whatIsDisownedStaysOpen() {
    AutoCloseable kept = own("kept");
    own("a");

    scope.disown(kept);
    end();

    assertThat(closed).containsExactly("a");
  }

  @Test
  void anotherThreadOpensForTheRunWithinIt() throws Exception {
    Connection[] opened = new Connection[2];
    Thread other =
        Thread.ofVirtual()
            .start(
                () -> {
                  opened[0] = Lariat.open("origin.example", 80, world.options());
                  opened[1] = opensWithin();
                });
    assertThat(other.join(Duration.ofSeconds(20))).isTrue();

    end();

    assertThat(end(opened[0])).isNull();
    assertThat(end(opened[1])).isNotNull();
  }

  private Connection opensWithin() {
    try {
      return scope.within(() -> Lariat.open("origin.example", 80, world.options()));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void withinLeavesTheThreadAsItWas() throws Exception {
    Scope outer = new Scope(supervisor, "outer", 0, Optional.empty());
    Scope.enter(outer);

    assertThat(scope.within(Scope::current)).isSameAs(scope);

    assertThat(Scope.current()).isSameAs(outer);
  }

  // ---- what is owned no longer

  @Test
  void aRunThatLivesLongDoesNotKeepWhatHasEnded() {
    Connection connection = Lariat.open("origin.example", 80, world.options());
    LiveWebSocket live =
        LiveWebSocket.to("ws://feed.example/")
            .options(LiveOptions.DEFAULT.connection(world.options()))
            .open();
    scope.own(connection);
    world.run();

    connection.close();
    live.close();
    world.run();

    assertThat(scope.seal()).isFalse();
  }

  @Test
  void whatCouldNotBeOpenedIsNotOwned() {
    Mailbox mailbox = Mailbox.create();
    mailbox.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> Lariat.open("origin.example", 80, world.options(), mailbox));
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                LiveWebSocket.to("ws://feed.example/")
                    .options(LiveOptions.DEFAULT.connection(world.options()))
                    .owner(mailbox)
                    .open());

    assertThat(scope.seal()).isFalse();
  }

  @Test
  void anOwnerIsNotLeftOut() {
    assertThatNullPointerException()
        .isThrownBy(() -> Lariat.open("origin.example", 80, world.options(), null));
  }

  // ---- when the run is over

  @Test
  void aRunThatIsOverOpensNothing() {
    scope.seal();

    assertThatExceptionOfType(FailedException.class)
        .isThrownBy(() -> Lariat.open("origin.example", 80, world.options()))
        .withMessageContaining("this run of the child child has ended");
    assertThatExceptionOfType(FailedException.class)
        .isThrownBy(
            () ->
                LiveWebSocket.to("ws://feed.example/")
                    .options(LiveOptions.DEFAULT.connection(world.options()))
                    .open());
    world.run();
    assertThat(world.attempts).isEmpty();
  }

  @Test
  void whatARunThatIsOverShouldOwnIsClosed() {
    scope.seal();

    assertThatExceptionOfType(FailedException.class).isThrownBy(() -> own("late"));

    assertThat(closed).containsExactly("late");
  }

  @Test
  void whatIsBeingOpenedWhenTheRunEndsIsClosedAsSoonAsItIsOpen() throws Exception {
    CompletableFuture<String> gone = new CompletableFuture<>();
    Adoption.Hold hold =
        Adoption.adopt(
            () -> {
              closed.add("late");
              gone.complete("closed");
            },
            null,
            gone);
    scope.seal();
    scope.close();
    assertThat(closed).isEmpty();

    hold.opened();

    assertThat(closed).containsExactly("late");
    awaitEnds();
  }

  @Test
  void whatIsBeingOpenedAndFailsIsNotWaitedFor() {
    Adoption.Hold hold = Adoption.adopt(() -> closed.add("late"), null, new CompletableFuture<>());
    scope.seal();
    scope.close();

    hold.release();

    awaitEnds();
    assertThat(closed).isEmpty();
  }

  // ---- the stage

  /** Why it has ended; null while it has not. */
  private static @Nullable Object end(AutoCloseable resource) {
    return Adoption.endOf(resource).getNow(null);
  }

  private AutoCloseable own(String name) {
    return scope.own(() -> closed.add(name));
  }

  /** As a supervisor does. */
  private void end() {
    scope.seal();
    scope.close();
    world.run();
    awaitEnds();
  }

  /** On a thread that may wait for ever. */
  private void awaitEnds() {
    Thread waits = Thread.ofVirtual().start(() -> scope.awaitEnds(world));
    try {
      assertThat(waits.join(Duration.ofSeconds(10))).as("all has ended").isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
