package dev.lariat.testkit;

import java.io.IOException;

/** The connection has ended, so a script cannot continue on it. */
public final class ClientGoneException extends IOException {
  private static final long serialVersionUID = 1;

  ClientGoneException(IOException cause) {
    super("the connection has ended: " + cause.getMessage(), cause);
  }
}
