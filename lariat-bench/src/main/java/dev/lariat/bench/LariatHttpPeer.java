package dev.lariat.bench;

import dev.lariat.Connection;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Message;
import dev.lariat.message.Receiver;
import dev.lariat.message.Rejected;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Request;
import java.net.URI;
import java.util.Iterator;
import java.util.concurrent.Flow;

/** Lariat, whose bodies to send come from a publisher. */
final class LariatHttpPeer implements HttpPeer {
  private final LariatOwners owners;
  private final Setup setup;

  LariatHttpPeer(Setup setup, LariatOwners.Reading reading) throws Exception {
    this.owners = new LariatOwners(setup, reading);
    this.setup = setup;
  }

  @Override
  public Caller caller(URI uri, Sink sink) {
    Answers answers = new Answers(sink);
    Connection connection = owners.open(uri, answers);
    return setup.workload() == Workload.HTTP_UPLOAD
        ? new Upload(connection, uri, setup.large(), sink)
        : new Get(connection, uri.getRawPath());
  }

  private record Get(Connection connection, String path) implements Caller {
    @Override
    public void call() {
      connection.get(path);
    }

    @Override
    public void close() {
      connection.close();
    }
  }

  private record Upload(Connection connection, Request post, Zeros zeros) implements Caller {
    private static final Bytes PIECE = Bytes.wrap(Zeros.piece());

    Upload(Connection connection, URI uri, long size, Sink sink) {
      this(
          connection,
          Request.of("POST", uri.getRawPath() + "?" + uri.getRawQuery())
              .header("content-length", Long.toString(size)),
          new Zeros(size, sink));
    }

    @Override
    public void call() {
      connection.begin(post).send(this::pieces);
    }

    private void pieces(Flow.Subscriber<? super Bytes> subscriber) {
      Iterator<byte[]> left = zeros.iterator();
      subscriber.onSubscribe(
          new Flow.Subscription() {
            @Override
            public void request(long items) { // one at a time, as the documentation says
              left.next();
              subscriber.onNext(PIECE);
              if (!left.hasNext()) {
                subscriber.onComplete();
              }
            }

            @Override
            public void cancel() {}
          });
    }
  }

  private static final class Answers implements Receiver {
    private final Sink sink;
    private int status;

    Answers(Sink sink) {
      this.sink = sink;
    }

    @Override
    public void receive(Message message) {
      switch (message) {
        case Response response -> status = response.status();
        case Data data -> sink.received(data.bytes().size());
        case StreamFailed failed -> failed(failed);
        case Rejected rejected -> failed(rejected);
        default -> {}
      }
      if (message instanceof Message.OfStream of && of.ends()) {
        sink.answered(status);
      }
    }

    private void failed(Message message) {
      sink.failed(new IllegalStateException(message.toString()));
    }
  }
}
