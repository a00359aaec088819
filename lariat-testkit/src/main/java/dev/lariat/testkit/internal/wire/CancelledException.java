package dev.lariat.testkit.internal.wire;

import java.io.IOException;

/** The client has cancelled a request, and its connection goes on. */
public final class CancelledException extends IOException {
  private static final long serialVersionUID = 1;

  CancelledException(long code) {
    super("the client has reset the stream with error code " + code);
  }
}
