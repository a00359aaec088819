package dev.lariat;

import dev.lariat.message.StreamRef;

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

  /** The method and the target, for logs. */
  @Override
  public String toString() {
    return request;
  }
}
