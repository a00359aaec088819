package dev.lariat;

import dev.lariat.event.Trace;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.entrance.Door;
import dev.lariat.internal.entrance.SendGate;
import dev.lariat.internal.entrance.Wait;
import dev.lariat.internal.protocol.Authorization;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.internal.transport.Loop;
import dev.lariat.internal.transport.Machine;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.message.StreamRef;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What is in the handles of this package, for those that are built on them. */
final class Inside extends Core {
  @Override
  public Connection open(URI uri, ConnectionOptions options, @Nullable Loop loop, Receiver owner) {
    return Lariat.open(uri, options, loop, owner);
  }

  @Override
  public Connection open(
      Authority authority,
      boolean secure,
      ConnectionOptions options,
      @Nullable Loop loop,
      Receiver owner) {
    return Lariat.open(authority, secure, options, loop, owner);
  }

  @Override
  public Connection openUnix(
      Path path,
      Authority authority,
      boolean secure,
      ConnectionOptions options,
      @Nullable Loop loop,
      Receiver owner) {
    return Lariat.openUnix(path, authority, secure, options, loop, owner);
  }

  @Override
  public Door door(Connection connection) {
    return connection.door();
  }

  @Override
  public Machine machine(Connection connection) {
    return connection.machine();
  }

  @Override
  public HttpUri home(Connection connection) {
    return connection.home();
  }

  @Override
  public ConnectionOptions options(Connection connection) {
    return connection.options();
  }

  @Override
  public Stream request(
      Connection connection,
      Request request,
      StreamRef ref,
      Inbox inbox,
      Authorization authorization) {
    return connection.request(request, ref, inbox, authorization);
  }

  @Override
  public Exchange call(Connection connection, Request request, Mailbox mailbox, Trace trace) {
    return connection.call(request, mailbox, trace);
  }

  @Override
  public Exchange request(Connection connection, Request request, Trace trace) {
    return connection.request(request, connection.takesPushes(), trace);
  }

  @Override
  public Exchange begin(Connection connection, Request request, Trace trace) {
    return connection.begin(request, trace);
  }

  @Override
  public ResponsePublisher publish(Connection connection, Request request, Trace trace) {
    return new ResponsePublisher(connection, request, trace);
  }

  @Override
  public WebSocket webSocket(
      Connection connection, String path, WebSocketOptions options, Trace trace) {
    return connection.webSocket(path, options, trace);
  }

  @Override
  public WebSocket webSocket(
      Connection connection,
      String path,
      WebSocketOptions options,
      Authorization authorization,
      StreamRef ref,
      Inbox inbox) {
    return connection.webSocket(path, options, authorization, null, ref, inbox);
  }

  @Override
  public Stream stream(WebSocket socket) {
    return socket.stream();
  }

  @Override
  public SendGate gate(WebSocket socket) {
    return socket.gate();
  }

  @Override
  public boolean isPushed(Exchange exchange) {
    return exchange.isPushed();
  }

  @Override
  public Optional<Reason> whyWaiting(Exchange exchange) {
    return exchange.connection().whyWaiting(exchange);
  }

  @Override
  public Inbox inbox(Mailbox mailbox, Machine users) {
    return mailbox.inbox(users);
  }

  @Override
  public void await(Mailbox mailbox, long nanos, BooleanSupplier done) throws InterruptedException {
    mailbox.await(nanos, done);
  }

  @Override
  public Message.@Nullable OfStream await(Mailbox mailbox, StreamRef stream, Wait wait)
      throws InterruptedException {
    return mailbox.await(stream, wait);
  }

  @Override
  public List<Message> drain(Mailbox mailbox) {
    return mailbox.drain();
  }

  @Override
  public void forget(Mailbox mailbox, StreamRef stream) {
    mailbox.forget(stream);
  }

  @Override
  public void own(Mailbox mailbox, Object connection, Runnable shutdown) {
    mailbox.own(connection, shutdown);
  }

  @Override
  public void disown(Mailbox mailbox, Object connection) {
    mailbox.disown(connection);
  }
}
