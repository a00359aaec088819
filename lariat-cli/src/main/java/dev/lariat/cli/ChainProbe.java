package dev.lariat.cli;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Reads the certificates that a server shows, trusted or not, by a handshake of its own. It sends
 * nothing else. Its bytes go over a raw connection, so they take the same proxies.
 */
final class ChainProbe {
  private static final Protocol RAW = Protocol.RAW;
  private static final int MOST =
      256; // records of a handshake: a server that never ends is no server

  private final Destination destination;
  private final Seen seen = new Seen();

  ChainProbe(Destination destination) {
    this.destination = destination;
  }

  /** The chain, the server's own certificate first; empty if none was shown. */
  List<X509Certificate> chain() throws InterruptedException {
    try (Mailbox mailbox = Mailbox.create();
        Connection connection =
            destination.openPlain(destination.host(), RAW, destination.options(), mailbox)) {
      connection.awaitUp(Destination.RESPONSE);
      shake(engine(), connection.raw(), mailbox);
    } catch (FailedException | SSLException e) {
      // what was seen before is worth as much
    }
    return seen.chain;
  }

  private SSLEngine engine() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {seen}, null);
      SSLEngine engine = context.createSSLEngine(destination.host(), destination.port());
      engine.setUseClientMode(true);
      String name =
          destination.options().tls().flatMap(tls -> tls.serverName()).orElse(destination.host());
      if (!CertificateCheck.isAddress(name)) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        engine.setSSLParameters(parameters);
      }
      return engine;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("each JDK has TLS", e);
    }
  }

  private void shake(SSLEngine engine, Exchange raw, Mailbox mailbox)
      throws SSLException, InterruptedException {
    ByteBuffer in = ByteBuffer.allocate(engine.getSession().getPacketBufferSize() * 4).flip();
    ByteBuffer plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize() * 2);
    engine.beginHandshake();
    for (int i = 0; i < MOST && seen.chain.isEmpty(); i++) {
      HandshakeStatus status = engine.getHandshakeStatus();
      switch (status) {
        case NEED_WRAP -> wrap(engine, raw);
        case NEED_TASK -> {
          Runnable task = engine.getDelegatedTask();
          if (task != null) {
            task.run();
          }
        }
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
          SSLEngineResult result = engine.unwrap(in, plain.clear());
          boolean isShort = result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW;
          if (isShort && !more(in, raw, mailbox)) {
            return;
          }
        }
        case FINISHED, NOT_HANDSHAKING -> {
          return;
        }
      }
    }
  }

  private static void wrap(SSLEngine engine, Exchange raw) throws SSLException {
    ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), out);
    byte[] bytes = new byte[out.flip().remaining()];
    out.get(bytes);
    if (bytes.length > 0) {
      raw.data(Bytes.wrap(bytes), false);
    }
  }

  /** Waits for more bytes; whether there are any. */
  private static boolean more(ByteBuffer in, Exchange raw, Mailbox mailbox)
      throws InterruptedException {
    Message.OfStream message = mailbox.await(raw, Destination.RESPONSE);
    if (message instanceof Data(_, _, var bytes)) {
      in.compact();
      if (bytes.size() > in.remaining()) {
        return false; // no handshake is so large
      }
      in.put(bytes.asByteBuffer()).flip();
      return true;
    }
    return false;
  }

  /** Accepts any chain, and keeps it. */
  private static final class Seen extends X509ExtendedTrustManager {
    private List<X509Certificate> chain = List.of();

    private void seen(X509Certificate[] shown) {
      chain = List.of(shown);
    }

    @Override
    public void checkServerTrusted(
        X509Certificate[] shown, String type, @Nullable SSLEngine engine) {
      seen(shown);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] shown, String type, @Nullable Socket socket) {
      seen(shown);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] shown, String type) {
      seen(shown);
    }

    @Override
    public void checkClientTrusted(
        X509Certificate[] shown, String type, @Nullable SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] shown, String type, @Nullable Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] shown, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
