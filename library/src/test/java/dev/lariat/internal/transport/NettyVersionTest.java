package dev.lariat.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Lariat says which Netty was found, and which it needs; with older ones: lariat-it. */
final class NettyVersionTest {

  @Test
  void theNettyOfTheBuildServes() {
    assertThatCode(NettyVersion::require).doesNotThrowAnyException();
  }

  @Test
  void eachVersionThatWasFoundIsNamedOnceWithItsJars() {
    assertThat(
            NettyVersion.sentence(
                Map.of(
                    "netty-transport", "4.1.135.Final",
                    "netty-common", "4.1.135.Final",
                    "netty-transport-classes-epoll", "4.1.135.Final",
                    "netty-codec-base", "4.2.18.Final")))
        .startsWith(
            "Lariat needs Netty 4.2.1.Final or later, and found Netty 4.1.135.Final (netty-common,"
                + " netty-transport, netty-transport-classes-epoll) and 4.2.18.Final"
                + " (netty-codec-base). ");
  }

  @Test
  void aJarThatIsMissingIsNamed() {
    assertThat(
            NettyVersion.sentence(
                Map.of("netty-common", "4.2.18.Final", "netty-transport", "4.2.18.Final")))
        .startsWith(
            "Lariat needs Netty 4.2.1.Final or later, and found Netty 4.2.18.Final (netty-common,"
                + " netty-transport) without netty-transport-classes-epoll. Let your build add what"
                + " is missing and choose ");
  }

  @Test
  void whereNoVersionIsToldThatIsSaid() {
    assertThat(NettyVersion.sentence(Map.of()))
        .startsWith(
            "Lariat needs Netty 4.2.1.Final or later, and found none, or one that does not");
  }
}
