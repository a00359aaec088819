package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.it.ScriptedServer.Peer;
import dev.lariat.it.ScriptedServer.Script;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Request;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What the end of TLS says about a response that ends with its connection. */
final class TlsEndTest {

  /** How a server ends. */
  private interface Ending {
    void end(Peer peer) throws IOException;
  }

  private static Script answering(Ending ending) {
    return peer -> {
      peer.head();
      peer.lines("HTTP/1.1 200 OK", "", "a body");
      ending.end(peer);
      peer.awaitEnd();
    };
  }

  @Test
  void aBodyIsWholeWhenTlsSaysGoodbyeThoughTheSocketStaysOpen() throws Exception {
    try (ScriptedServer server = new ScriptedServer(true, answering(Peer::finish));
        Witness witness = Way.TLS.open(server.port())) {
      witness.request(Request.of("GET", "/"));
      Witness.Answer answer = witness.answer(witness.until(Response.class));
      assertThat(answer.body()).isEqualTo("a body\r\n");
      assertThat(witness.next(Down.class).reason()).isEqualTo(new Reason.Closed());
      assertThat(server.sawTheEnd()).isTrue();
    }
  }

  @Test
  void aBodyIsIncompleteWhenTlsIsCutOff() throws Exception {
    try (ScriptedServer server = new ScriptedServer(true, answering(Peer::cut));
        Witness witness = Way.TLS.open(server.port())) {
      witness.request(Request.of("GET", "/"));
      assertThat(witness.until(Data.class).fin()).isFalse();
      assertThat(witness.until(StreamFailed.class).reason())
          .isInstanceOfSatisfying(
              Reason.Protocol.class,
              cut -> assertThat(cut.section()).isEqualTo("RFC 9112 section 9.8"));
    }
  }

  @Test
  void aBodyIsWholeWhenASocketWithoutTlsEnds() throws Exception {
    try (ScriptedServer server = new ScriptedServer(answering(Peer::finish));
        Witness witness = Way.PLAIN.open(server.port())) {
      witness.request(Request.of("GET", "/"));
      assertThat(witness.answer(witness.until(Response.class)).body()).isEqualTo("a body\r\n");
    }
  }
}
