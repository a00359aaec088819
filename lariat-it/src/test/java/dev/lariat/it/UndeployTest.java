package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An application that brings Lariat along is taken out of a server that goes on: nothing of Lariat
 * or Netty may hold its classes, neither a thread of theirs nor one of the server's that ran it.
 */
@Timeout(180)
class UndeployTest {
  /** The JDK holds a type whose {@code equals} it linked by a soft reference. */
  private static final String NOTHING_SOFT = "-XX:SoftRefLRUPolicyMSPerMB=0";

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anApplicationThatWaitsAtItsEndLeavesNoThreadAndIsCollected(boolean tls) throws Exception {
    Deployment.Said said = contain(tls, true);
    assertThat(said.errors()).isEmpty();
    assertThat(said.output()).containsExactly("threads: []", "the server goes on", "collected");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anApplicationThatDoesNotWaitIsCollectedWhenItsLoopsHaveEnded(boolean tls) throws Exception {
    Deployment.Said said = contain(tls, false);
    assertThat(said.errors()).isEmpty();
    assertThat(said.output()).containsExactly("the server goes on", "collected");
  }

  private Deployment.Said contain(boolean tls, boolean waits) throws Exception {
    try (Deployment deployment = new Deployment(tls)) {
      return Deployment.start(
          folder,
          List.of(),
          List.of(NOTHING_SOFT),
          Container.class,
          deployment.uri().toString(),
          String.valueOf(waits));
    }
  }
}
