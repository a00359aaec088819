package dev.lariat.internal.hop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.option.ProxyProtocol;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** By section 2 of the specification of the PROXY protocol. */
class ProxyHeaderTest {
  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

  private static InetSocketAddress at(String literal, int port) throws Exception {
    return new InetSocketAddress(InetAddress.getByName(literal), port);
  }

  private static byte[] written(ProxyProtocol header, SocketAddress local, SocketAddress remote) {
    ByteBuf out = Unpooled.buffer();
    ProxyHeader.write(header, Optional.of(local), Optional.of(remote), out);
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  private static String v1(ProxyProtocol header, SocketAddress local, SocketAddress remote) {
    return new String(written(header, local, remote), StandardCharsets.US_ASCII);
  }

  private static String v2(ProxyProtocol header, SocketAddress local, SocketAddress remote) {
    return HexFormat.of().formatHex(written(header, local, remote));
  }

  @Test
  void version1IsALine() throws Exception {
    assertThat(v1(ProxyProtocol.V1, at("192.0.2.1", 56324), at("192.0.2.2", 443)))
        .isEqualTo("PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n");
    assertThat(v1(ProxyProtocol.V1, at("2001:db8::1", 1), at("2001:db8::2", 65535)))
        .isEqualTo("PROXY TCP6 2001:db8:0:0:0:0:0:1 2001:db8:0:0:0:0:0:2 1 65535\r\n");
  }

  @Test
  void version2IsBinary() throws Exception {
    assertThat(v2(ProxyProtocol.V2, at("192.0.2.1", 56324), at("192.0.2.2", 443)))
        .isEqualTo(SIGNATURE + "2111000c" + "c0000201" + "c0000202" + "dc04" + "01bb");
    assertThat(v2(ProxyProtocol.V2, at("2001:db8::1", 1), at("2001:db8::2", 2)))
        .isEqualTo(
            SIGNATURE
                + "21210024"
                + "20010db8000000000000000000000001"
                + "20010db8000000000000000000000002"
                + "0001"
                + "0002");
  }

  @Test
  void theUsersAddressesStandForThoseOfTheSocket() throws Exception {
    InetSocketAddress socket = at("192.0.2.2", 443);
    ProxyProtocol header = ProxyProtocol.V1.source(at("198.51.100.9", 7));
    assertThat(v1(header, at("192.0.2.1", 1), socket))
        .isEqualTo("PROXY TCP4 198.51.100.9 192.0.2.2 7 443\r\n");
    assertThat(v1(header.destination(at("198.51.100.8", 8)), at("192.0.2.1", 1), socket))
        .isEqualTo("PROXY TCP4 198.51.100.9 198.51.100.8 7 8\r\n");
  }

  @Test
  void anIpv4AddressBesideOneOfIpv6IsMapped() throws Exception {
    ProxyProtocol v1 = ProxyProtocol.V1.source(at("198.51.100.9", 7));
    InetSocketAddress socket = at("2001:db8::2", 443);
    assertThat(v1(v1, socket, socket))
        .isEqualTo("PROXY TCP6 ::ffff:198.51.100.9 2001:db8:0:0:0:0:0:2 7 443\r\n");
    assertThat(v2(ProxyProtocol.V2.source(at("198.51.100.9", 7)), socket, socket))
        .startsWith(SIGNATURE + "21210024" + "00000000000000000000ffffc6336409");
  }

  @Test
  void withoutAddressesThereIsNothingToReport() {
    SocketAddress unix = UnixDomainSocketAddress.of("/run/server.sock");
    assertThat(v1(ProxyProtocol.V1, unix, unix)).isEqualTo("PROXY UNKNOWN\r\n");
    assertThat(v2(ProxyProtocol.V2, unix, unix)).isEqualTo(SIGNATURE + "20000000");
  }

  @Test
  void theNameAtTheEndOfATunnelIsNoAddress() throws Exception {
    SocketAddress name = InetSocketAddress.createUnresolved("origin.example", 443);
    ProxyProtocol header = ProxyProtocol.V1.source(at("198.51.100.9", 7));
    assertThat(v1(header, name, name)).isEqualTo("PROXY UNKNOWN\r\n");
    assertThat(v1(header.destination(at("198.51.100.8", 8)), name, name))
        .isEqualTo("PROXY TCP4 198.51.100.9 198.51.100.8 7 8\r\n");
  }
}
