package dev.lariat.cli;

import dev.lariat.message.Reason;

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

  static final String OK_HELP = " 0:It went well.";
  static final String BUG_HELP = " 1:Something unforeseen failed: a bug.";
  static final String USAGE_HELP = " 2:Bad usage.";
  static final String NAME_HELP = " 3:The host's name does not resolve.";
  static final String CONNECT_HELP = " 4:The server refused the connection or cannot be reached.";
  static final String TLS_HELP = " 5:TLS failed.";
  static final String TIMEOUT_HELP = " 6:Something took too long.";
  static final String BROKEN_HELP = " 7:The connection broke, or the server broke a rule.";
  static final String STATUS_HELP = " 8:The server answered with status 400 or above.";

  private Exit() {}

  static int of(Reason reason) {
    return switch (reason) {
      case Reason.GaveUp(_, var last) -> of(last);
      case Reason.Unanswered(var last) -> of(last);
      case Reason.Unresolved _ -> NAME;
      case Reason.Refused _, Reason.Unreachable _ -> CONNECT;
      case Reason.Tls _ -> TLS;
      case Reason.Timeout _ -> TIMEOUT;
      case Reason.Closed _, Reason.Ended _, Reason.Reset _ -> BROKEN;
      case Reason.Protocol _, Reason.Limit _ -> BROKEN;
      case Reason.BadState _, Reason.Unprocessed _, Reason.CloseHandshake _ -> BROKEN;
      case Reason.Cancelled _, Reason.BodyUnfinished _, Reason.RedirectRefused _ -> BROKEN;
      case Reason.Status _ -> STATUS;
      case Reason.OwnerClosed _ -> OK;
      case Reason.EndpointThrew _, Reason.OpeningThrew _ -> BROKEN;
      case Reason.Unconfirmed _, Reason.Superseded _, Reason.BudgetSpent _ -> BROKEN;
      case Reason.RestartsExceeded _ -> BROKEN;
      case Reason.HandlerThrew _, Reason.Fault _ -> BUG;
    };
  }
}
