package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.message.Protocol;
import dev.lariat.option.ConnectionOptions;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** An origin with TLS on a port of 127.0.0.1, where ALPN chooses the protocol. */
class TlsOriginTest extends OriginContract {
  @Override
  Origin origin(Script... scripts) {
    return Origin.startTls(ServerCertificate.TRUSTED, scripts);
  }

  @Override
  ConnectionOptions options(ConnectionOptions options) {
    return options;
  }

  @Override
  Connection open(Origin origin, ConnectionOptions options) {
    return Lariat.open(origin.uri("https", "/"), options.tls(origin.tls()));
  }

  @Override
  void end(Origin origin) {
    origin.close();
  }

  @Override
  long nanos() {
    return System.nanoTime();
  }

  @Test
  void theOriginChoosesAmongWhatTheClientOffers() throws Exception {
    Protocol other = protocol == Protocol.HTTP_2 ? Protocol.HTTP_1_1 : Protocol.HTTP_2;
    ConnectionOptions both = ConnectionOptions.DEFAULT.protocols(other, protocol);
    try (Origin origin = origin(Script.status(204)).protocols(protocol);
        Connection connection = open(origin, both)) {
      assertThat(connection.awaitUp(Duration.ofSeconds(10))).isEqualTo(protocol);
      assertThat(connection.get("/").response(Duration.ofSeconds(10)).status()).isEqualTo(204);
    }
  }
}
