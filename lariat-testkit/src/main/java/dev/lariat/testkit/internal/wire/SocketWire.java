package dev.lariat.testkit.internal.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** The origin's end of a connection over a socket of the machine's, with TLS or without. */
public final class SocketWire implements Wire {
  private final Socket beneath;
  private final Socket socket; // with TLS, if there is any
  private final InputStream in;
  private final OutputStream out;
  private int peeked = -1; // a byte that was read to see whether there is one
  private boolean ended; // as was seen so

  /**
   * Takes a socket that was accepted.
   *
   * @param tls what makes it a server's, in a handshake at the first reading or writing; null for
   *     none
   */
  public SocketWire(Socket accepted, @Nullable SSLContext tls) throws IOException {
    beneath = accepted;
    beneath.setTcpNoDelay(true);
    if (tls == null) {
      socket = accepted;
    } else {
      SSLSocket secured = (SSLSocket) tls.getSocketFactory().createSocket(accepted, null, true);
      secured.setUseClientMode(false);
      socket = secured;
    }
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  @Override
  public void offer(List<String> protocols) {
    if (socket instanceof SSLSocket secured) {
      secured.setHandshakeApplicationProtocolSelector(
          (its, offered) -> protocols.stream().filter(offered::contains).findFirst().orElse(""));
    }
  }

  @Override
  public Optional<String> chosen() throws IOException {
    if (!(socket instanceof SSLSocket secured)) {
      return Optional.empty();
    }
    secured.startHandshake(); // nothing is left of one that was made
    return Optional.of(secured.getApplicationProtocol());
  }

  @Override
  public boolean hasArrived() throws IOException {
    return peeked >= 0 || !ended && in.available() > 0;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    if (ended) {
      return -1;
    }
    if (peeked >= 0 && length > 0) {
      into[from] = (byte) peeked;
      peeked = -1;
      return 1;
    }
    return in.read(into, from, length);
  }

  @Override
  public boolean readable(long nanos) throws IOException {
    if (peeked >= 0 || ended) {
      return true;
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
    socket.setSoTimeout(Math.clamp(millis, 1, Integer.MAX_VALUE)); // 0 would be for ever
    try {
      peeked = in.read();
      ended = peeked < 0;
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } finally {
      if (!socket.isClosed()) {
        socket.setSoTimeout(0);
      }
    }
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    out.write(bytes, from, length);
  }

  @Override
  public void endOutput() throws IOException {
    if (socket != beneath) {
      socket.shutdownOutput(); // a close_notify
    }
    cut();
  }

  @Override
  public void cut() throws IOException {
    if (!beneath.isOutputShutdown()) {
      beneath.shutdownOutput();
    }
  }

  @Override
  public void reset() {
    try {
      beneath.setSoLinger(true, 0); // closing is a RST then
    } catch (IOException e) {
      // it has ended
    }
    close();
  }

  @Override
  public void close() {
    try {
      beneath.close();
    } catch (IOException e) {
      // it has ended
    }
  }
}
