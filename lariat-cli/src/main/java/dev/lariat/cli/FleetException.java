package dev.lariat.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** A fleet cannot be opened; the message is a sentence that says why. */
final class FleetException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int exit;

  private FleetException(String sentence, IOException cause, int exit) {
    super(sentence, cause);
    this.exit = exit;
  }

  /** What the sink, the store or the placement says. */
  static FleetException of(IOException failure) {
    String said = Line.plain(String.valueOf(failure.getMessage())).replaceFirst("\\.?$", ".");
    for (Throwable its = failure; its != null; its = its.getCause()) { // of a driver at the bottom
      int exit =
          switch (its) {
            case UnknownHostException _ -> Exit.NAME;
            case ConnectException _ -> Exit.CONNECT;
            case NoRouteToHostException _ -> Exit.CONNECT;
            case SocketTimeoutException _ -> Exit.TIMEOUT;
            case TimeoutException _ -> Exit.TIMEOUT;
            case SSLException _ -> Exit.TLS;
            default -> Exit.USAGE;
          };
      if (exit != Exit.USAGE) {
        String name = Line.plain(String.valueOf(its.getMessage()));
        String unsaid = exit == Exit.NAME ? " " + name + " does not resolve." : "";
        return new FleetException(said + unsaid, failure, exit);
      }
    }
    return new FleetException(said, failure, Exit.USAGE);
  }

  int exit() {
    return exit;
  }
}
