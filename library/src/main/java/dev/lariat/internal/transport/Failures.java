package dev.lariat.internal.transport;

import dev.lariat.internal.protocol.Refusals;
import dev.lariat.message.Reason;
import io.netty.channel.Channel;
import io.netty.channel.socket.ChannelOutputShutdownException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** Turns what the network throws into reasons. */
public final class Failures {
  /** What Netty says of a piece of a file that was there when it was written. */
  private static final Pattern SHORT_FILE = Pattern.compile("Underlying (?:input )?file size");

  /** What Netty's native transport puts before the system's words. */
  private static final Pattern SYSTEM_CALL =
      Pattern.compile("(?:syscall:)?\\w+\\(\\.\\.\\) failed(?: with error\\(-?\\d+\\))?: ");

  private Failures() {}

  /** Why connecting to the address failed. */
  static Reason connecting(String address, Throwable cause) {
    if (cause instanceof TunnelFailure failure) {
      return failure.reason;
    }
    return cause instanceof ConnectException
            && words(cause).toLowerCase(Locale.ROOT).contains("refused")
        ? new Reason.Refused(address)
        : new Reason.Unreachable(address, words(cause));
  }

  /**
   * Why connecting to a host failed: what became of each of its addresses.
   *
   * @param failures of at least one address, in the order in which they were tried
   */
  static Reason connecting(List<Reason> failures) {
    List<String> refused = new ArrayList<>();
    List<Reason.Unreachable> unreachable = new ArrayList<>();
    for (Reason failure : failures) {
      if (failure instanceof Reason.Tunnel) {
        return failure; // it has one address
      }
      if (failure instanceof Reason.Unreachable of) {
        unreachable.add(of);
      } else if (failure instanceof Reason.Refused(var addresses)) {
        refused.addAll(addresses);
      }
    }
    if (unreachable.isEmpty()) {
      return new Reason.Refused(refused);
    }
    Reason.Unreachable first = unreachable.removeFirst();
    StringBuilder detail = new StringBuilder(first.detail());
    unreachable.forEach(of -> detail.append("; ").append(of.address() + ": " + of.detail()));
    refused.forEach(address -> detail.append("; ").append(address + " refused the connection"));
    return new Reason.Unreachable(first.address(), detail.toString());
  }

  /**
   * Why the TLS handshake on this channel failed.
   *
   * @param broken what broke the channel meanwhile; null if nothing did
   */
  static Reason handshake(Channel channel, Throwable cause, @Nullable Throwable broken) {
    Optional<Reason> beneath =
        channel instanceof StreamChannel stream ? stream.failure() : Optional.empty();
    return beneath.orElseGet(() -> handshake(cause, broken));
  }

  /** Why the TLS handshake failed: the peer's bytes were wrong, or there were no more of them. */
  static Reason.Tls handshake(Throwable cause, @Nullable Throwable broken) {
    if (cause instanceof SSLException) {
      return TlsFailures.of(cause);
    }
    Reason last = broken(broken == null ? cause : broken);
    return new Reason.Tls(
        Optional.empty(), "the connection ended during the handshake", Optional.of(last));
  }

  /** Why an established connection broke. */
  public static Reason broken(Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof TunnelFailure failure) {
        return failure.reason;
      }
      if (t instanceof SSLException) {
        return TlsFailures.of(t);
      }
      boolean ofTheChannel =
          t instanceof ClosedChannelException || t instanceof ChannelOutputShutdownException;
      if (ofTheChannel && t.getCause() != null) {
        continue; // only says that something failed before
      }
      if (t instanceof ClosedChannelException) {
        return new Reason.Closed(); // what waited to be written was thrown away with it
      }
      if (t instanceof IOException && SHORT_FILE.matcher(words(t)).lookingAt()) {
        return Refusals.unreadable(Pieces.shorter());
      }
      if (t instanceof IOException) {
        return new Reason.Reset(words(t));
      }
    }
    return new Reason.Fault(cause);
  }

  /** Whether the socket takes nothing any more, while it may still be read. */
  public static boolean isOfOutput(Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof ChannelOutputShutdownException) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether the peer has thrown the connection away, as far as a failed write can say: the end of
   * its side that the system tells afterwards is none that the peer made. A broken pipe is another
   * thing, since it comes only behind such an end.
   */
  public static boolean isReset(Throwable cause) {
    return broken(cause) instanceof Reason.Reset(var detail) && !detail.contains("Broken pipe");
  }

  /** The system's words, without the call and the address that Netty puts around them. */
  static String words(Throwable cause) {
    String message = cause.getMessage();
    if (message == null) {
      return switch (cause) {
        case SSLHandshakeException handshake -> "the handshake failed";
        case FileNotFoundException none -> "there is no such file"; // a Unix-domain socket
        default -> cause.getClass().getSimpleName();
      };
    }
    int address = message.indexOf(": /");
    String words = address > 0 ? message.substring(0, address) : message;
    return SYSTEM_CALL.matcher(words).replaceFirst("").strip();
  }
}
