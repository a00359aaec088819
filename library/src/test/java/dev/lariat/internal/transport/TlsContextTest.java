package dev.lariat.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.uri.Authority;
import dev.lariat.option.Tls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client hello says, whoever speaks TLS. */
class TlsContextTest {

  @ParameterizedTest
  @CsvSource({
    "JDK, feed.example., feed.example",
    "OPENSSL, feed.example., feed.example",
    "JDK, host, host",
    "OPENSSL, host, host",
    "JDK, b%C3%BCcher.example, xn--bcher-kva.example",
    "OPENSSL, b%C3%BCcher.example, xn--bcher-kva.example"
  })
  void rfc6066_3_theNameIsAskedForWithoutTheDotAtItsEnd(
      SslProvider provider, String host, String name) {
    Hello hello = new Hello(new TlsContext(Tls.DEFAULT, provider), host);
    assertThat(hello.names(name)).isTrue();
    assertThat(hello.peer).isEqualTo(name);
  }

  @ParameterizedTest
  @EnumSource(names = {"JDK", "OPENSSL"})
  void aNameThatTheJdkCannotAskForIsConnectedToAllTheSame(SslProvider provider) {
    Hello hello = new Hello(new TlsContext(Tls.DEFAULT, provider), "my_host");
    assertThat(hello.names("my_host")).isFalse();
    assertThat(hello.peer).isEqualTo("my_host");
  }

  @ParameterizedTest
  @EnumSource(names = {"JDK", "OPENSSL"})
  void aNameOfTheUsersTakesThePlaceOfTheHosts(SslProvider provider) {
    Tls tls = Tls.DEFAULT.serverName("other.example.");
    Hello hello = new Hello(new TlsContext(tls, provider), "feed.example");
    assertThat(hello.names("other.example")).isTrue();
    assertThat(hello.names("feed.example")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "JDK, 127.0.0.1, 127.0.0.1",
    "OPENSSL, 127.0.0.1, 127.0.0.1",
    "JDK, [fe80::1%25eth0], fe80::1",
    "OPENSSL, [fe80::1%25eth0], fe80::1"
  })
  void rfc6066_3_anAddressIsVerifiedAndNotAskedFor(SslProvider provider, String host, String name) {
    Hello hello = new Hello(new TlsContext(Tls.DEFAULT, provider), host);
    assertThat(hello.names(name)).isFalse();
    assertThat(hello.peer).isEqualTo(name);
  }

  /** What is sent first. */
  private static final class Hello {
    final String peer;
    private final String hex;

    Hello(TlsContext context, String host) {
      EmbeddedChannel channel = new EmbeddedChannel();
      SslHandler handler = context.handler(channel, Authority.parse(host, 443));
      peer = handler.engine().getPeerHost();
      channel.pipeline().addLast(handler);
      StringBuilder sent = new StringBuilder();
      for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
        sent.append(ByteBufUtil.hexDump(part));
        part.release();
      }
      hex = sent.toString();
      assertThat(hex).startsWith("16"); // a handshake record
      channel.finishAndReleaseAll();
    }

    /** Whether a host_name of the server_name extension is this one, to its last letter. */
    boolean names(String name) {
      byte[] octets = name.getBytes(StandardCharsets.US_ASCII);
      return hex.contains("%06x".formatted(octets.length) + HexFormat.of().formatHex(octets));
    }
  }
}
