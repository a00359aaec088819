package dev.lariat.cli;

import dev.lariat.FailedException;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Reason;
import dev.lariat.message.Side;

/** Reasons in the words of the command line. */
final class Words {
  private static final int MOST = 160; // characters of a line that a server explains itself with

  private Words() {}

  /** Why this failed. For a command that came too late, this is why its connection had ended. */
  static Reason why(FailedException failed) {
    boolean late = failed.reason() instanceof Reason.BadState;
    return late && failed.getCause() instanceof FailedException end
        ? end.reason()
        : failed.reason();
  }

  /** One sentence, which cannot command a terminal. */
  static String of(Reason reason) {
    return Line.plain(renamed(sentence(reason)));
  }

  /** Options of the library, by their names here. */
  private static String renamed(String sentence) {
    return sentence
        .replace("events.answer", "--answer-timeout")
        .replace("redirects.limit", "--max-redirs");
  }

  private static String sentence(Reason reason) {
    if (reason instanceof Reason.GaveUp(var attempts, var last)) {
      return switch (attempts) {
        case 0 -> sentence(last);
        case 1 -> "Gave up after 1 retry: " + sentence(last);
        default -> "Gave up after " + attempts + " retries: " + sentence(last);
      };
    }
    if (reason instanceof Reason.Limit(var bound, var value) && bound == Reason.Bound.MESSAGE) {
      return "A message from the server is larger than "
          + Value.Size.words(value)
          + ": --max-message=SIZE allows larger ones.";
    }
    if (reason instanceof Reason.CloseHandshake handshake && handshake.initiator() == Side.SERVER) {
      return "The server closed the WebSocket " + words(handshake.received()) + ".";
    }
    if (reason instanceof Reason.Timeout(var step, var limit, _) && step == Reason.Step.READ) {
      return "The server has sent nothing for "
          + Page.time(limit)
          + ": --read-timeout says how long it may be silent.";
    }
    if (reason instanceof Reason.EndpointThrew(TokenException e)) {
      return String.valueOf(e.getMessage());
    }
    if (reason instanceof Reason.Status answer && !answer.body().isEmpty()) {
      return answered(answer);
    }
    Reason cause =
        switch (reason) {
          case Reason.Unanswered(var last) -> last;
          case Reason.Incomplete(var last) -> last;
          case Reason.Unprocessed(_, var last) when last.isPresent() -> last.get();
          case Reason _ -> reason;
        };
    if (cause instanceof Reason.Tls) { // an alert of TLS 1.3 comes when the request is sent
      return cause.sentence();
    }
    if (reason instanceof Reason.OwnerClosed) {
      return "The input has ended.";
    }
    return reason.sentence();
  }

  /** What kind of page came in place of what was wanted, and how it begins. */
  private static String answered(Reason.Status answer) {
    String status =
        new Reason.Status(answer.status(), answer.retryAfter(), answer.headers(), Bytes.EMPTY)
            .sentence();
    String type =
        answer.headers().first("content-type").orElse("no Content-Type").split(";", 2)[0].strip();
    String kind = status.substring(0, status.length() - 1) + " (" + type + ")";
    boolean readable = type.equals("text/plain") || type.endsWith("json");
    return answer
        .body()
        .utf8()
        .lines()
        .map(String::strip)
        .filter(line -> readable && !line.isEmpty())
        .findFirst()
        .map(line -> kind + ": " + (line.length() > MOST ? line.substring(0, MOST) + "…" : line))
        .orElse(kind + ".");
  }

  /** The code and the text of a close frame, as the end of a clause. */
  static String words(Close close) {
    if (close.code() == Close.NO_CODE) {
      return "without a code";
    }
    return "with code " + close.code() + (close.text().isEmpty() ? "" : ": " + close.text());
  }
}
