package dev.lariat.bench;

import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Iterator;
import org.eclipse.jetty.client.BufferingResponseListener;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.InputStreamRequestContent;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.eclipse.jetty.util.ssl.SslContextFactory;

final class JettyHttpPeer implements HttpPeer {
  private final Setup setup;
  private final HttpClient client;

  JettyHttpPeer(Setup setup) throws Exception {
    this.setup = setup;
    this.client =
        setup.workload().multiplexed
            ? new HttpClient(new HttpClientTransportOverHTTP2(new HTTP2Client()))
            : new HttpClient();
    if (setup.workload().tls) {
      SslContextFactory.Client ssl = new SslContextFactory.Client();
      ssl.setTrustStorePath(setup.trustStore().toString());
      ssl.setTrustStorePassword(Setup.PASSWORD);
      client.setSslContextFactory(ssl);
    }
    client.setMaxConnectionsPerDestination(setup.poolSize());
    client.setMaxRequestsQueuedPerDestination(setup.calls());
    client.setFollowRedirects(false);
    client.setHttpCookieStore(new HttpCookieStore.Empty());
    client.start();
    client.getContentDecoderFactories().clear(); // start has found gzip
  }

  @Override
  public Caller caller(URI uri, Sink sink) {
    return switch (setup.workload()) {
      case HTTP_DOWNLOAD, H2_DOWNLOAD -> () -> client.newRequest(uri).send(new Counting(sink));
      case HTTP_UPLOAD, H2_UPLOAD ->
          () ->
              client
                  .newRequest(uri)
                  .method(HttpMethod.POST)
                  .body(new Body(setup.large(), sink))
                  .send(new Counting(sink));
      default ->
          () -> {
            Request request = client.newRequest(uri);
            request.send(
                new BufferingResponseListener() {
                  @Override
                  public void onComplete(Result result) {
                    if (result.isSucceeded()) {
                      sink.received(getContent().length);
                    }
                    end(result, sink);
                  }
                });
          };
    };
  }

  private static void end(Result result, Sink sink) {
    if (result.isFailed()) {
      sink.failed(result.getFailure());
    } else {
      sink.answered(result.getResponse().getStatus());
    }
  }

  private record Counting(Sink sink) implements Response.Listener {
    @Override
    public void onContent(Response response, ByteBuffer content) {
      sink.received(content.remaining());
    }

    @Override
    public void onComplete(Result result) {
      end(result, sink);
    }
  }

  /** With its length, or it would be sent in chunks. */
  private static final class Body extends InputStreamRequestContent {
    private final long bytes;

    Body(long bytes, Sink sink) {
      super("application/octet-stream", new Pieces(new Zeros(bytes, sink).iterator()), Zeros.PIECE);
      this.bytes = bytes;
    }

    @Override
    public long getLength() {
      return bytes;
    }
  }

  private static final class Pieces extends InputStream {
    private final Iterator<byte[]> pieces;
    private int left; // of the piece that was begun

    Pieces(Iterator<byte[]> pieces) {
      this.pieces = pieces;
    }

    @Override
    public int read() {
      return read(new byte[1], 0, 1) < 0 ? -1 : 0;
    }

    @Override
    public int read(byte[] to, int offset, int length) {
      if (left == 0) {
        if (!pieces.hasNext()) {
          return -1;
        }
        left = pieces.next().length;
      }
      int bytes = Math.min(left, length);
      System.arraycopy(Zeros.piece(), 0, to, offset, bytes);
      left -= bytes;
      return bytes;
    }
  }
}
