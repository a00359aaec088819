package dev.lariat.bench;

import dev.lariat.Connection;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Message;
import dev.lariat.message.Receiver;
import dev.lariat.message.Rejected;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Request;
import java.net.URI;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Lariat, whose bodies to send come from a publisher. */
final class LariatHttpPeer implements HttpPeer {
  private final LariatOwners owners;
  private final Setup setup;

  /** The one connection that all callers share if it is multiplexed; null before the first. */
  private @Nullable Connection shared;

  private final Interleaved interleaved = new Interleaved();

  LariatHttpPeer(Setup setup, LariatOwners.Reading reading) throws Exception {
    this.owners = new LariatOwners(setup, reading);
    this.setup = setup;
  }

  @Override
  public Caller caller(URI uri, Sink sink) {
    Connection connection =
        setup.workload().multiplexed ? shared(uri, sink) : owners.open(uri, new Answers(sink));
    return setup.workload().isUpload()
        ? new Upload(connection, uri, setup.large(), sink)
        : new Get(connection, uri.getRawPath());
  }

  private Connection shared(URI uri, Sink sink) {
    interleaved.sinks.add(sink);
    if (shared == null) {
      boolean one = setup.workload().drivers() == 1;
      shared = owners.open(uri, one ? new Answers(sink) : interleaved);
    }
    return shared;
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
          Request.of(
                  "POST",
                  uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery()))
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
        default -> failed(message, sink);
      }
      if (message instanceof Message.OfStream of && of.ends()) {
        sink.answered(status);
      }
    }
  }

  private static void failed(Message message, Sink sink) {
    if (message instanceof StreamFailed || message instanceof Rejected) {
      sink.failed(new IllegalStateException(message.toString()));
    }
  }

  /**
   * Takes the answers of many streams at a time, and gives each whole one to the next of the sinks:
   * which of them asked for it makes no difference.
   */
  private static final class Interleaved implements Receiver {
    final List<Sink> sinks = new CopyOnWriteArrayList<>();
    private final Map<StreamRef, Answer> coming = new HashMap<>();
    private int next;

    private static final class Answer {
      final int status;
      int length;

      Answer(int status) {
        this.status = status;
      }
    }

    @Override
    public void receive(Message message) {
      switch (message) {
        case Response response -> coming.put(response.stream(), new Answer(response.status()));
        case Data data -> coming.get(data.stream()).length += data.bytes().size();
        default -> failed(message, sinks.getFirst());
      }
      if (message instanceof Message.OfStream of && of.ends()) {
        Answer whole = coming.remove(of.stream());
        next = next + 1 < sinks.size() ? next + 1 : 0;
        if (whole != null) {
          sinks.get(next).received(whole.length);
          sinks.get(next).answered(whole.status);
        }
      }
    }
  }
}
