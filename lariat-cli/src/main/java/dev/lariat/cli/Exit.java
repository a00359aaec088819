package dev.lariat.cli;

import dev.lariat.message.Close;
import dev.lariat.message.Reason;
import dev.lariat.message.Side;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The exit codes, one for each class of failure. */
final class Exit {
  static final int OK = 0;
  static final int BUG = 1;
  static final int USAGE = 2;
  static final int NAME = 3;
  static final int CONNECT = 4;
  static final int TLS = 5;
  static final int TIMEOUT = 6;
  static final int BROKEN = 7;
  static final int STATUS = 8;
  static final int CLOSED = 9;
  static final int UNDELIVERED = 10;
  static final int OUTPUT = 11;
  static final int PROBLEM = 12;
  static final int TOKEN = 13;

  /** What a shell reports of a program that SIGPIPE has ended, which the JVM ignores. */
  static final int PIPE = 128 + 13;

  private static final int GOOD = 1000;
  private static final int GOING_AWAY = 1001;

  private Exit() {}

  /**
   * Adds to a command's help what its exit codes mean.
   *
   * @param problem what its code 12 means; null if it has none
   */
  static void document(CommandLine command, boolean webSocket, @Nullable String problem) {
    Map<String, String> codes = new LinkedHashMap<>();
    codes.put("  0", "Success.");
    codes.put("  1", "An unexpected failure: a bug.");
    codes.put("  2", "Wrong usage, or something that cannot be sent or shown.");
    codes.put("  3", "The name of the host does not resolve.");
    codes.put("  4", "The server refused the connection or cannot be reached.");
    codes.put("  5", "TLS failed.");
    codes.put("  6", "A timeout.");
    codes.put("  7", "The connection broke, or the server broke a rule.");
    codes.put("  8", "The server answered with an error status, or does not offer the feature.");
    if (webSocket) {
      codes.put("  9", "The server closed the WebSocket with a code other than 1000 and 1001.");
      codes.put(" 10", "A message of the input was not delivered, or its fate is unknown.");
    }
    codes.put(" 11", "Standard output or a file cannot be written.");
    if (problem != null) {
      codes.put(" 12", problem);
    }
    if (command.getCommandSpec().findOption("--token-command") != null) {
      codes.put(" 13", "The command of --token-command gave no token.");
    }
    codes.put("141", "The reader of standard output closed it, as head does.");
    UsageMessageSpec help = command.getCommandSpec().usageMessage();
    help.exitCodeListHeading("%nExit codes:%n");
    help.exitCodeList(codes);
  }

  static int of(Reason reason) {
    return switch (reason) {
      case Reason.GaveUp(_, var last) -> of(last);
      case Reason.Unanswered(var last) -> of(last);
      case Reason.Incomplete(var last) -> of(last);
      case Reason.Hop hop -> of(hop.why());
      case Reason.Socks(var reply, _) -> of(reply);
      case Reason.Tunnel(_, var last) -> of(last);
      case Reason.Unresolved _ -> NAME;
      case Reason.Refused _, Reason.Unreachable _ -> CONNECT;
      case Reason.Tls _ -> TLS;
      case Reason.Timeout _, Reason.Ongoing _ -> TIMEOUT;
      case Reason.Closed _, Reason.Ended _, Reason.StreamEnded _, Reason.Reset _ -> BROKEN;
      case Reason.Protocol _, Reason.Limit _ -> BROKEN;
      case Reason.BadState _ -> BROKEN;
      case Reason.Unprocessed(_, var last) -> last.map(Exit::of).orElse(BROKEN);
      case Reason.Cancelled _, Reason.BodyUnfinished _, Reason.RedirectRefused _ -> BROKEN;
      case Reason.KeepAlive _, Reason.StreamReset _, Reason.GoAway _ -> BROKEN;
      case Reason.NotOffered _ -> STATUS;
      case Reason.Status _ -> STATUS;
      case Reason.CloseHandshake handshake -> of(handshake);
      case Reason.OwnerClosed _ -> OK;
      case Reason.EndpointThrew(TokenException _) -> TOKEN;
      case Reason.EndpointThrew _, Reason.OpeningThrew _, Reason.AuthenticatorThrew _ -> BROKEN;
      case Reason.Unconfirmed _, Reason.Superseded _, Reason.BudgetSpent _ -> BROKEN;
      case Reason.RestartsExceeded _, Reason.TopicRefused _ -> BROKEN;
      case Reason.NotResumed _, Reason.Corrupted _, Reason.Unreadable _ -> BROKEN;
      case Reason.HandlerThrew _, Reason.Fault _ -> BUG;
    };
  }

  private static int of(Reason.SocksReply reply) {
    return switch (reply) {
      case CONNECTION_REFUSED, HOST_UNREACHABLE, NETWORK_UNREACHABLE, EXPIRED -> CONNECT;
      default -> STATUS;
    };
  }

  private static int of(Reason.CloseHandshake handshake) {
    if (handshake.initiator() == Side.CLIENT) {
      return OK;
    }
    int code = handshake.received().code();
    return code == GOOD || code == GOING_AWAY || code == Close.NO_CODE ? OK : CLOSED;
  }
}
