package dev.lariat.message;

import dev.lariat.internal.uri.Mask;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * How a {@link Reason} is put into words: one sentence for each kind of reason. It also says what
 * all sentences do with words from elsewhere.
 */
final class Wording {
  private static final int ADDRESSES = 8; // that are named: a name may have a hundred
  private static final int LINE = 200; // characters of a server's words, in a sentence
  private static final int DEBUG = 256; // characters of a server's debug data
  private static final Pattern PACKAGE = Pattern.compile("\\b(\\p{javaLowerCase}\\w*\\.)+");

  private Wording() {}

  // ---- sentences

  /** The sentence of any reason. */
  static String sentenceOf(Reason reason) {
    return switch (reason) {
      case Reason.Closed its -> "The server closed the connection.";
      case Reason.Ended its -> "The server ended the response.";
      case Reason.StreamEnded its -> "The server ended the stream of the WebSocket.";
      case Reason.Reset(var detail) -> "The connection broke: " + clause(detail) + ".";
      case Reason.Refused its -> sentenceOf(its);
      case Reason.Unreachable(var address, var detail) ->
          "The address " + address + " cannot be reached: " + clause(detail) + ".";
      case Reason.Unresolved(var host, var detail) ->
          "The name " + host + " does not resolve: " + clause(detail) + ".";
      case Reason.Timeout its -> sentenceOf(its);
      case Reason.Ongoing(var step, var passed) ->
          step.words + " has taken " + seconds(passed) + " so far.";
      case Reason.Tls(var alert, var detail, var last) ->
          "TLS failed: "
              + clause(detail)
              + alert.map(name -> " (alert " + name + ")").orElse("")
              + last.map(known -> ": " + known.sentence()).orElse(".");
      case Reason.Protocol(var rule, var section) ->
          "Protocol error: " + rule + " (" + section + ").";
      case Reason.Limit its -> sentenceOf(its);
      case Reason.BadState(var operation, var state) ->
          "The operation " + operation + " is not possible: " + clause(state) + ".";
      case Reason.Unprocessed(var why, var last) ->
          "The request was not processed: "
              + clause(why)
              + last.map(known -> ": " + known.sentence()).orElse(".");
      case Reason.KeepAlive its -> sentenceOf(its);
      case Reason.Unanswered(var last) ->
          "The connection ended before the server responded: " + last.sentence();
      case Reason.Incomplete(var last) ->
          "The connection ended before the response was complete: " + last.sentence();
      case Reason.Cancelled its -> "The request was cancelled.";
      case Reason.BodyUnfinished(var why) ->
          "The body of a request was not sent completely: " + clause(why) + ".";
      case Reason.StreamReset(var code) ->
          "The server reset the stream with " + ErrorCodes.shown(code) + ".";
      case Reason.GoAway(var code, var debug) ->
          "The server ended the connection with "
              + ErrorCodes.shown(code)
              + (debug.isBlank() ? "." : ": " + clause(debug) + ".");
      case Reason.NotOffered(var what, var section) ->
          "The server does not offer " + what + " (" + section + ").";
      case Reason.RedirectRefused(var location, var why) ->
          "The redirect to " + location + " was not followed: " + clause(why) + ".";
      case Reason.Status its -> sentenceOf(its);
      case Reason.Hop its -> sentenceOf(its);
      case Reason.Socks(var reply, var code) ->
          "The proxy refused the tunnel: " + reply.words + " (SOCKS reply " + code + ").";
      case Reason.CloseHandshake its -> sentenceOf(its);
      case Reason.Tunnel(var through, var last) ->
          "The tunnel through " + through + " failed: " + last.sentence();
      case Reason.OwnerClosed its -> "The owner closed the connection.";
      case Reason.GaveUp its -> sentenceOf(its);
      case Reason.HandlerThrew(var cause) -> "The handler threw: " + clause(cause.toString()) + ".";
      case Reason.TopicRefused(var topic, var why) ->
          "The server refused the topic "
              + topic
              + (why.isBlank() ? "." : ": " + clause(why) + ".");
      case Reason.AuthenticatorThrew(var cause) ->
          "The proxy authenticator threw: " + clause(cause.toString()) + ".";
      case Reason.EndpointThrew(var cause) ->
          "The endpoint function threw: " + clause(cause.toString()) + ".";
      case Reason.OpeningThrew(var cause) ->
          "The opening step threw: " + clause(cause.toString()) + ".";
      case Reason.BudgetSpent its -> "The group's budget of attempts is used up for now.";
      case Reason.Unconfirmed(var last) ->
          "The message may or may not have arrived: " + last.sentence();
      case Reason.RestartsExceeded its -> sentenceOf(its);
      case Reason.NotResumed(var why) -> "The download began again: " + clause(why) + ".";
      case Reason.Corrupted(var algorithm, var expected, var actual, var source) ->
          "The file is corrupted: its "
              + algorithm
              + " is "
              + actual
              + ", but should be "
              + expected
              + " ("
              + source
              + ").";
      case Reason.Superseded its -> "A newer message replaced this one.";
      case Reason.Unreadable its -> sentenceOf(its);
      case Reason.Fault(var cause) ->
          "Lariat failed (a bug worth reporting): " + clause(cause.toString()) + ".";
    };
  }

  private static String sentenceOf(Reason.Refused refused) {
    String noun = refused.addresses().size() == 1 ? "The address " : "The addresses ";
    return noun + list(refused.addresses()) + " refused the connection.";
  }

  private static String list(List<String> addresses) {
    List<String> named = new ArrayList<>(addresses);
    if (named.size() > ADDRESSES) {
      named.subList(ADDRESSES, named.size()).clear();
      named.add(addresses.size() - ADDRESSES + " more");
    }
    String last = named.removeLast();
    return named.isEmpty() ? last : String.join(", ", named) + " and " + last;
  }

  private static String sentenceOf(Reason.Timeout timeout) {
    return timeout.step().words
        + " took longer than "
        + seconds(timeout.limit())
        + timeout.step().option.map(name -> " (" + name + ")").orElse("")
        + timeout.last().map(reason -> ": " + reason.sentence()).orElse(".");
  }

  private static String sentenceOf(Reason.Limit limit) {
    Reason.Bound bound = limit.bound();
    return "The "
        + bound.words
        + " exceeded the limit of "
        + limit.value()
        + bound.unit
        + (bound.option.isEmpty() ? ", which is not configurable." : " (" + bound.option + ").");
  }

  private static String sentenceOf(Reason.KeepAlive keepAlive) {
    String parameter = keepAlive.parameter().name().toLowerCase(Locale.ROOT);
    String header = " (Keep-Alive: " + parameter + "=" + keepAlive.value();
    return switch (keepAlive.parameter()) {
      case TIMEOUT ->
          "The server keeps an idle connection for "
              + keepAlive.value()
              + " s"
              + header
              + "), and too little of that was left for a request.";
      case MAX ->
          "The server limits the requests on a connection" + header + "), and all were sent.";
    };
  }

  private static String sentenceOf(Reason.Hop hop) {
    String server = "The server ";
    String why = hop.why().sentence();
    return "The proxy "
        + hop.proxy()
        + " (hop "
        + hop.number()
        + ") failed: "
        + (why.startsWith(server) ? "The proxy " + why.substring(server.length()) : why);
  }

  private static String sentenceOf(Reason.Status answer) {
    Headers headers = answer.headers();
    StringBuilder words = new StringBuilder("The server answered with status " + answer.status());
    answer
        .retryAfter()
        .ifPresent(
            wait -> words.append(" and asked to wait ").append(wait.toSeconds()).append(" s"));
    boolean leads = answer.status() / 100 == 3;
    headers
        .first("location")
        .filter(where -> leads)
        .map(Mask::userInformation)
        .ifPresent(where -> words.append(" and redirected to ").append(line(where)));
    headers
        .first(answer.status() == 407 ? "proxy-authenticate" : "www-authenticate")
        .ifPresent(challenge -> words.append(" and requested ").append(line(challenge)));
    boolean readable = headers.first("content-type").filter(Wording::isReadable).isPresent();
    if (readable && !answer.body().isEmpty()) {
      words.append(": ").append(line(answer.body().utf8()));
    }
    return clause(words.toString()) + ".";
  }

  /** Whether a person can read such a body; a page of HTML says little at its beginning. */
  private static boolean isReadable(String contentType) {
    String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    return type.equals("text/plain") || type.equals("application/json") || type.endsWith("+json");
  }

  private static String sentenceOf(Reason.CloseHandshake handshake) {
    boolean byServer = handshake.initiator() == Side.SERVER;
    return "The "
        + (byServer ? "server" : "client")
        + " closed the WebSocket with "
        + words(byServer ? handshake.received() : handshake.sent())
        + ", and the "
        + (byServer ? "client" : "server")
        + " answered with "
        + words(byServer ? handshake.sent() : handshake.received())
        + ".";
  }

  private static String words(Close close) {
    if (close.code() == Close.NO_CODE) {
      return "no code";
    }
    return "code "
        + close.code()
        + (close.text().isEmpty() ? "" : " \"" + line(close.text()) + "\"");
  }

  private static String sentenceOf(Reason.GaveUp end) {
    String last = end.last().sentence();
    return switch (end.attempts()) {
      case 0 -> "No retry follows: " + last;
      case 1 -> "Gave up after 1 retry: " + last;
      default -> "Gave up after " + end.attempts() + " retries: " + last;
    };
  }

  private static String sentenceOf(Reason.RestartsExceeded end) {
    return "The supervisor gave up because more than "
        + end.intensity()
        + (end.intensity() == 1 ? " restart" : " restarts")
        + " within "
        + seconds(end.period())
        + " were necessary: the child \""
        + end.child()
        + "\" "
        + end.cause().map(thrown -> "threw " + clause(thrown.toString())).orElse("returned")
        + ".";
  }

  private static String sentenceOf(Reason.Unreadable unreadable) {
    UnreadableException cause = unreadable.cause();
    String what = unreadable.what();
    return what.substring(0, 1).toUpperCase(Locale.ROOT)
        + what.substring(1)
        + " cannot be read as "
        + typeName(cause.type())
        + ": "
        + clause(placed(cause.detail(), cause.line(), cause.column(), cause.path()))
        + ".";
  }

  /** A type as a person writes it, without the packages. */
  static String typeName(Type type) {
    return PACKAGE.matcher(type.getTypeName()).replaceAll("");
  }

  /** What is wrong, after the place where it is, as far as that is known. */
  static String placed(String detail, int line, int column, String path) {
    StringBuilder place = new StringBuilder();
    if (line > 0) {
      place.append("line ").append(line);
    }
    if (column > 0) {
      place.append(place.isEmpty() ? "" : ", ").append("column ").append(column);
    }
    if (!path.isEmpty()) {
      place.append(place.isEmpty() ? "" : ", ").append(line(path));
    }
    return (place.isEmpty() ? "" : place + ": ") + line(detail);
  }

  // ---- words from elsewhere

  /** Words from elsewhere as a part of a sentence, whose period is not theirs. */
  static String clause(String words) {
    return words.strip().replaceFirst("[.\\s]+$", "");
  }

  /** A server's words on one line, without what would do something to a terminal or a log. */
  static String line(String text) {
    String line = text.strip().replaceAll("\\s+", " ").replaceAll("\\p{C}", "?");
    return line.length() <= LINE ? line : line.substring(0, LINE) + "\u2026";
  }

  /** A server's debug data, which is usually text. */
  static String legible(Bytes debug) {
    String text = debug.utf8().replaceAll("\\p{C}", "?");
    return text.length() <= DEBUG ? text : text.substring(0, DEBUG);
  }

  /**
   * A duration in seconds; one of less than a day, with a fraction of a second, in milliseconds.
   */
  static String seconds(Duration time) {
    boolean inSeconds = time.toMillisPart() == 0 || time.toDays() != 0;
    return inSeconds ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }
}
