package dev.lariat.cli;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Down;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import org.jspecify.annotations.Nullable;

/** One connection of a load, for one thread: a request, its answer, and so on. */
sealed interface Pipe extends AutoCloseable {

  /** A request has failed; the message is a sentence. */
  final class FailedRequestException extends Exception {
    private static final long serialVersionUID = 1;
    private final int exit;

    FailedRequestException(String sentence, int exit) {
      super(sentence);
      this.exit = exit;
    }

    /** The exit code of a command that could do no better. */
    int exit() {
      return exit;
    }

    static FailedRequestException of(FailedException e) {
      Reason why = Words.why(e);
      return new FailedRequestException(Words.of(why), Exit.of(why));
    }
  }

  /** Sends a request and waits for the whole answer. */
  void ask() throws FailedRequestException, InterruptedException;

  /**
   * Whether the server has ended it since the last answer: no failure, but it is of no more use.
   */
  boolean isOver();

  @Override
  void close();

  /** Opens one. */
  static Pipe open(Destination destination, Bytes message)
      throws FailedRequestException, InterruptedException {
    Mailbox mailbox = Mailbox.create();
    Connection connection = destination.open(destination.options(), mailbox);
    try {
      connection.awaitUp(Destination.RESPONSE);
      return destination.isWebSocket()
          ? new Echoes(destination, connection, mailbox, message)
          : new Gets(destination, connection, mailbox);
    } catch (FailedException e) {
      connection.close();
      mailbox.close();
      throw FailedRequestException.of(e);
    } catch (FailedRequestException | InterruptedException e) {
      connection.close();
      mailbox.close();
      throw e;
    }
  }

  /** Messages of a WebSocket, each of which comes back. */
  final class Echoes implements Pipe {
    private final Destination destination;
    private final Connection connection;
    private final Mailbox mailbox;
    private final WebSocket socket;
    private final Binary message;
    private boolean over;

    private Echoes(Destination destination, Connection connection, Mailbox mailbox, Bytes message)
        throws FailedRequestException, InterruptedException {
      this.destination = destination;
      this.connection = connection;
      this.mailbox = mailbox;
      this.message = new Binary(message);
      this.socket =
          connection.webSocket(
              destination.endpoint().target(),
              WebSocketOptions.DEFAULT
                  .headers(destination.endpoint().headers())
                  .credentials(destination.endpoint().credentials()));
      Message.OfStream first = mailbox.await(socket, Destination.RESPONSE);
      switch (first) {
        case Upgraded _ -> {}
        case Response(_, _, var status, _) ->
            throw new FailedRequestException(
                "The server answered the upgrade with status " + status + ".", Exit.STATUS);
        case StreamFailed(_, var reason) ->
            throw new FailedRequestException(Words.of(reason), Exit.of(reason));
        case null -> throw new FailedRequestException("The upgrade had no answer.", Exit.TIMEOUT);
        case Message.OfStream other ->
            throw new FailedRequestException("It began with: " + Line.of(other), Exit.BROKEN);
      }
    }

    @Override
    public void ask() throws FailedRequestException, InterruptedException {
      try {
        socket.send(message);
      } catch (FailedException e) {
        throw FailedRequestException.of(e);
      }
      Message.OfStream answer = mailbox.await(socket, destination.patience());
      switch (answer) {
        case WebSocketFrame(_, var frame) when frame.equals(message) -> {}
        case null -> {
          String late = "No answer in " + Page.time(destination.patience()) + ".";
          throw new FailedRequestException(late, Exit.TIMEOUT);
        }
        case StreamFailed(_, var reason) ->
            throw new FailedRequestException(Words.of(reason), Exit.of(reason));
        case WebSocketFrame(_, var frame) when !Messages.isMessage(frame) ->
            throw new FailedRequestException(
                "The server closed the WebSocket: " + Line.of(frame), Exit.CLOSED);
        case Message.OfStream _ ->
            throw new FailedRequestException(
                "An answer is not the message that was sent.", Exit.BROKEN);
      }
    }

    @Override
    public boolean isOver() {
      try {
        while (!over && mailbox.size() > 0) {
          over = ends(mailbox.take());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return over;
    }

    private static boolean ends(Message message) {
      return message instanceof StreamFailed || message instanceof WebSocketClosed;
    }

    @Override
    public void close() {
      connection.close();
      mailbox.close();
    }
  }

  /** Requests by GET. */
  final class Gets implements Pipe {
    private static final int FIRST_ERROR = 400;

    private final Destination destination;
    private final Connection connection;
    private final Mailbox mailbox;
    private final Request request;
    private boolean over;

    private Gets(Destination destination, Connection connection, Mailbox mailbox) {
      this.destination = destination;
      this.connection = connection;
      this.mailbox = mailbox;
      this.request =
          Request.of("GET", destination.endpoint().target())
              .headers(destination.endpoint().headers())
              .credentials(destination.endpoint().credentials());
    }

    @Override
    public void ask() throws FailedRequestException, InterruptedException {
      try {
        Exchange exchange = connection.request(request);
        int status = 0;
        Message.@Nullable OfStream part;
        do {
          part = mailbox.await(exchange, destination.patience());
          switch (part) {
            case null -> {
              String late = "No answer in " + Page.time(destination.patience()) + ".";
              throw new FailedRequestException(late, Exit.TIMEOUT);
            }
            case Response response -> status = response.status();
            case StreamFailed(_, var reason) ->
                throw new FailedRequestException(Words.of(reason), Exit.of(reason));
            case Message.OfStream _ -> {} // the body, which is not looked at
          }
        } while (!part.ends());
        if (status >= FIRST_ERROR) {
          throw new FailedRequestException("The status " + status + ".", Exit.STATUS);
        }
      } catch (FailedException e) {
        throw FailedRequestException.of(e);
      }
    }

    @Override
    public boolean isOver() {
      try {
        while (!over && mailbox.size() > 0) {
          over = mailbox.take() instanceof Down;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return over;
    }

    @Override
    public void close() {
      connection.close();
      mailbox.close();
    }
  }
}
