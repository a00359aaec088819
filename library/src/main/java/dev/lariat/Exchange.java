package dev.lariat;

import dev.lariat.event.StreamInfo;
import dev.lariat.message.StreamRef;
import java.util.concurrent.CompletableFuture;

/** A request and its response: a handle, held from the moment that the request is asked for. */
public final class Exchange implements StreamRef {
  private final Connection connection;
  private final String request;

  Exchange(Connection connection, String request) {
    this.connection = connection;
    this.request = request;
  }

  @Override
  public Connection connection() {
    return connection;
  }

  /**
   * How this exchange stands, also when it or its connection has ended. The future is completed as
   * that of {@link Connection#info} is.
   */
  public CompletableFuture<StreamInfo> info() {
    return connection.info(this, () -> 0);
  }

  /** The method and the target, for logs. */
  @Override
  public String toString() {
    return request;
  }
}
