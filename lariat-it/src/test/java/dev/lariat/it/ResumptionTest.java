package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.option.Tls;
import io.netty.handler.ssl.OpenSsl;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which connections resume each other's TLS sessions, as nginx sees it. */
@Needs({Peer.NGINX, Peer.PYTHON_WEBSOCKETS})
@Timeout(120)
final class ResumptionTest {
  private static final int GOOD = 1;

  @TempDir private Path folder;

  private static String closing() {
    return "wss://localhost:"
        + Servers.nginx().port(GOOD)
        + "/session/ws/close?code=1001&text=away";
  }

  @Test
  void aLiveWebSocketWithItsOwnTrustStoreResumesItsSessionWithBoringSsl() {
    assertThat(OpenSsl.isAvailable()).isTrue();
    assertThat(Resuming.said(closing(), Certificates.trusted()))
        .containsExactly(".", "r", "r", "r");
  }

  @Test
  void aLiveWebSocketWithItsOwnTrustStoreResumesItsSessionWithTheJdk() throws Exception {
    Deployment.Said said =
        Deployment.start(
            folder,
            List.of(),
            List.of(),
            Resuming.class,
            closing(),
            Certificates.files().get("ca").toString());
    assertThat(said.output()).as("%s", said.errors()).containsExactly(".", "r", "r", "r");
  }

  @Test
  void connectionsWithOneTlsResumeEachOthersSessions() {
    Tls tls = Certificates.trusted();
    assertThat(page(tls)).isEqualTo(".");
    assertThat(page(tls)).isEqualTo("r");
    assertThat(page(Certificates.trusted())).as("another Tls, another context").isEqualTo(".");
  }

  private static String page(Tls tls) {
    try (Witness witness =
        Witness.open("localhost", Servers.nginx().port(GOOD), Witness.QUICK.tls(tls))) {
      return witness.get("/session").body();
    }
  }
}
