package dev.lariat.internal.protocol;

import dev.lariat.internal.codec.Http2Frames;
import dev.lariat.internal.derived.Derived;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Tls;
import java.util.List;
import java.util.Set;

/**
 * The way back from HTTP/2 to HTTP/1.1, for a server that demands it by the error code
 * HTTP_1_1_REQUIRED (RFC 9113 section 7). It is possible if the options list both protocols. Then
 * the connection ends for a reason that names the code, and whoever dials next leaves HTTP/2 out.
 */
public final class Fallback {
  private static final Set<Protocol> BOTH = Set.of(Protocol.HTTP_2, Protocol.HTTP_1_1);

  private Fallback() {}

  /** Whether these protocols allow it. */
  public static boolean isPossible(List<Protocol> protocols) {
    return protocols.containsAll(BOTH);
  }

  /** These options without HTTP/2. */
  public static ConnectionOptions withoutHttp2(ConnectionOptions options) {
    return options.protocols(Protocol.HTTP_1_1).tls(options.tls().map(Fallback::withoutHttp2));
  }

  /**
   * The TLS of whoever has demanded HTTP/1.1: offered HTTP/2 again, it could choose that again.
   * Each object has one, so that its connections resume each other's sessions.
   */
  public static Tls withoutHttp2(Tls tls) {
    return tls.alpn().contains(Protocol.HTTP_2.token())
        ? Derived.of(tls).get(Tls.class, Protocol.HTTP_1_1, () -> tls.alpn(Tls.DEFAULT.alpn()))
        : tls;
  }

  /** Whether a server of HTTP/2 that ends something for this reason demands it. */
  public static boolean isRequired(Reason reason) {
    return reason instanceof Reason.StreamReset reset && isRequired(reset.code())
        || reason instanceof Reason.GoAway away && isRequired(away.code());
  }

  /** Whether this error code of HTTP/2 demands it. */
  public static boolean isRequired(long code) {
    return code == Http2Frames.HTTP_1_1_REQUIRED;
  }
}
