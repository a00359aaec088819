package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A proxy in a simulation, which must end without leaving anything behind. */
class SimulatedProxyServerTest extends ProxyServerContract {
  private static final Duration LONG = Duration.ofMinutes(1);

  private Simulation simulation = Simulation.seeded(1);

  @Override
  ProxyServer proxy() {
    return simulation.proxy("proxy.example", 3128);
  }

  @Override
  Origin origin(Script... scripts) {
    return simulation.origin("origin.example", 8080, scripts);
  }

  @Override
  ConnectionOptions options(ConnectionOptions options) {
    return options.platform(simulation.platform());
  }

  @Override
  void end(ProxyServer proxy, Origin origin) {
    simulation.advance(Duration.ofSeconds(1)); // the client's end is on its way
    proxy.close();
    origin.close();
    simulation.close();
    simulation = Simulation.seeded(2);
  }

  @Override
  void await(Condition condition) throws InterruptedException {
    for (int i = 0; i < 1000 && !condition.holds(); i++) {
      simulation.pause(Duration.ofMillis(10));
    }
    assertThat(condition.holds()).isTrue();
  }

  @Override
  long nanos() {
    return simulation.elapsed().toNanos();
  }

  /** The proxy holds no more than windows of bytes for a client that does not read. */
  @ParameterizedTest
  @EnumSource(names = {"HTTP", "H2C", "SOCKS5"})
  void aClientThatDoesNotReadHoldsTheServerBack(Hop hop) throws Exception {
    AtomicInteger written = new AtomicInteger();
    ProxyServer proxy = proxy();
    Origin origin =
        origin(
            visit -> {
              while (true) {
                visit.write(Bytes.wrap(new byte[10_000]));
                written.addAndGet(10_000);
              }
            });
    ConnectionOptions raw =
        options(ConnectionOptions.DEFAULT.protocols(Protocol.RAW).via(hop.through(proxy)));
    Mailbox mailbox = Mailbox.bounded(2);
    try (Connection connection = Lariat.open(origin.host(), origin.port(), raw, mailbox)) {
      Exchange stream = connection.raw();
      simulation.advance(LONG);
      assertThat(written.get()).isBetween(100_000, 2_000_000);
      int before = written.get();
      simulation.advance(LONG);
      assertThat(written.get()).isEqualTo(before);
      for (int read = 0; read < 5_000_000; ) { // and goes on when it reads
        Message message = mailbox.take(LONG);
        assertThat(message).isNotNull();
        read += message instanceof Data data ? data.bytes().size() : 0;
      }
      stream.cancel();
    }
    end(proxy, origin);
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP", "SOCKS5", "SOCKS4A"})
  void aNameThatTheProxyDoesNotKnowIsARefusal(Hop hop) throws Exception {
    ProxyServer proxy = proxy();
    Origin origin = origin(Script.silent());
    simulation.host(origin.host()).unknown();
    ConnectionOptions options =
        options(
            ConnectionOptions.DEFAULT.retry(Backoff.DEFAULT.attempts(1)).via(hop.through(proxy)));
    try (Connection connection = Lariat.open(origin.host(), origin.port(), options)) {
      Retrying retrying = (Retrying) connection.mailbox().take(LONG);
      assertThat(((Reason.Hop) retrying.reason()).why())
          .isInstanceOfAny(Reason.Status.class, Reason.Socks.class);
    }
    end(proxy, origin);
  }
}
