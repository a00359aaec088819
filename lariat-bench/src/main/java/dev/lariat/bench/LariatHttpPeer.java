package dev.lariat.bench;

import dev.lariat.Connection;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Receiver;
import dev.lariat.message.Rejected;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import java.net.URI;

/** Lariat, whose bodies to send are whole ones as yet: an upload is a row of them. */
final class LariatHttpPeer implements HttpPeer {
  private static final int WHOLE = 1 << 20;

  private final LariatOwners owners;
  private final boolean upload;

  LariatHttpPeer(Setup setup, LariatOwners.Reading reading) throws Exception {
    this.owners = new LariatOwners(setup, reading);
    this.upload = setup.workload() == Workload.HTTP_UPLOAD;
  }

  @Override
  public Caller caller(URI uri, Sink sink) {
    Answers answers = new Answers(sink);
    Connection connection = owners.open(uri, answers);
    return upload ? new Upload(connection, sink) : new Get(connection, uri.getRawPath());
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

  private record Upload(Connection connection, Sink sink) implements Caller {
    private static final Bytes BODY = Bytes.wrap(new byte[WHOLE]);

    @Override
    public void call() {
      connection.post("/sink?size=" + WHOLE, Headers.EMPTY, BODY);
      sink.sent(WHOLE);
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
