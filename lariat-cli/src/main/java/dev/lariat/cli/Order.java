package dev.lariat.cli;

import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Ping;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jline.utils.Levenshtein;

/** What a person at the prompt of {@code ws} wants: a message to send, or a command. */
sealed interface Order {
  /** The commands, as the help shows them. */
  List<Named> COMMANDS =
      List.of(
          new Named("/ping", "[TEXT]", "send a ping, and show its round trip"),
          new Named("/close", "[CODE] [TEXT]", "close the WebSocket, with code 1000 or this one"),
          new Named(
              "/reconnect",
              "",
              "open a new session in place of this one, or try at once if there is none"),
          new Named("/binary", "FILE", "send a file as a binary message"),
          new Named("/binary hex", "DIGITS", "send these bytes as a binary message"),
          new Named("/send", "TEXT", "send a text without checking whether it is JSON"),
          new Named("/save", "FILE", "write the session so far, as lariat record does"),
          new Named("/stats", "", "show what has passed so far"),
          new Named("/help", "", "show this list"),
          new Named("/quit", "", "close the WebSocket, as Ctrl-D does"));

  /** A command's name, what may follow it, and what it does. */
  record Named(String name, String parameters, String does) {
    String synopsis() {
      return (name + " " + parameters).strip();
    }
  }

  /** Sends a text. */
  record Say(String text) implements Order {}

  /** Sends a ping. */
  record SendPing(Ping ping) implements Order {}

  /** Ends with this close frame. */
  record End(Close close) implements Order {}

  /** Opens the next session. */
  record Reconnect() implements Order {}

  /** Sends the content of a file. */
  record SendFile(String file) implements Order {}

  /** Sends these bytes. */
  record SendBytes(Bytes bytes) implements Order {}

  /** Writes the session so far to a file. */
  record Save(String file) implements Order {}

  /** Shows what has passed. */
  record Stats() implements Order {}

  /** Shows the commands. */
  record Help() implements Order {}

  /** Ends, as the end of the input does. */
  record Quit() implements Order {}

  /** Nothing, for what was typed is wrong. */
  record Refused(String sentence) implements Order {}

  /** Reads what was typed. */
  static Order of(String typed) {
    String line = typed.startsWith(" ") ? typed.substring(1) : typed;
    if (!isCommand(line)) {
      return new Say(line.startsWith("//") ? line.substring(1) : line);
    }
    String[] words = line.split("\\s", 2);
    String rest = words.length == 1 ? "" : words[1];
    try {
      return switch (words[0]) {
        case "/ping" -> new SendPing(new Ping(Bytes.ofUtf8(rest)));
        case "/close" -> new End(close(rest.strip()));
        case "/reconnect" -> alone(words[0], rest, new Reconnect());
        case "/binary" -> binary(rest.strip());
        case "/send" -> new Say(rest);
        case "/save" ->
            rest.isBlank() ? new Refused("/save needs a file.") : new Save(rest.strip());
        case "/stats" -> alone(words[0], rest, new Stats());
        case "/help" -> alone(words[0], rest, new Help());
        case "/quit" -> alone(words[0], rest, new Quit());
        default -> unknown(words[0]);
      };
    } catch (IllegalArgumentException e) {
      return new Refused(words[0] + ": " + e.getMessage() + ".");
    }
  }

  private static boolean isCommand(String line) {
    return line.startsWith("/") && !line.startsWith("//");
  }

  private static Order alone(String name, String rest, Order order) {
    return rest.isBlank() ? order : new Refused(name + " takes nothing after it.");
  }

  private static Close close(String rest) {
    if (rest.isEmpty()) {
      return Close.NORMAL;
    }
    String[] words = rest.split("\\s+", 2);
    if (!words[0].matches("[0-9]{1,9}")) {
      throw new IllegalArgumentException(
          "the code is \"" + Line.plain(words[0]) + "\", allowed is a number");
    }
    return new Close(Integer.parseInt(words[0]), words.length == 1 ? "" : words[1]);
  }

  private static Order binary(String rest) {
    if (rest.isEmpty()) {
      return new Refused("/binary needs a file, or hex and digits.");
    }
    String[] words = rest.split("\\s+", 2);
    if (!words[0].equals("hex")) {
      return new SendFile(rest);
    }
    String digits = words.length == 1 ? "" : words[1].replaceAll("\\s", "");
    if (digits.length() % 2 == 1 || !digits.matches("[0-9a-fA-F]*")) {
      return new Refused("/binary hex needs pairs of hexadecimal digits.");
    }
    return new SendBytes(Bytes.wrap(HexFormat.of().parseHex(digits)));
  }

  private static Order unknown(String name) {
    String nearest = "/help";
    int least = Integer.MAX_VALUE;
    for (Named command : COMMANDS) {
      int distance = Levenshtein.distance(name.toLowerCase(Locale.ROOT), command.name());
      if (distance < least) {
        least = distance;
        nearest = command.name();
      }
    }
    return new Refused(
        "There is no command "
            + Line.plain(name)
            + ". The nearest is "
            + nearest
            + "; /"
            + Line.plain(name)
            + " sends the text.");
  }

  // ---- the end of a line

  /** What the end of a line means for what was typed so far. */
  sealed interface Entered {}

  /** It is complete. */
  record Whole() implements Entered {}

  /** It goes on in the next line, with this before it. */
  record GoesOn(String soFar) implements Entered {}

  /**
   * It looks like JSON and is none.
   *
   * @param fault where it is wrong in what was typed
   */
  record Mistaken(Json.Fault fault) implements Entered {}

  /**
   * Whether what was typed is complete. A message goes on behind a backslash, and so does JSON
   * whose brackets are open, unless its last line is blank.
   *
   * @param checks whether JSON is checked
   */
  static Entered entered(String typed, boolean checks) {
    int start = typed.startsWith(" ") ? 1 : 0;
    String line = typed.substring(start);
    boolean command = isCommand(line) && !line.startsWith("/send ");
    if (command) {
      return new Whole();
    }
    int backslashes = line.length() - line.replaceAll("\\\\+$", "").length();
    if (backslashes % 2 == 1) {
      return new GoesOn(typed.substring(0, typed.length() - 1));
    }
    if (!checks || !looksLikeJson(line)) {
      return new Whole();
    }
    Json.Fault fault = Json.fault(line);
    if (fault == null) {
      return new Whole();
    }
    boolean blank = line.indexOf('\n') >= 0 && line.substring(line.lastIndexOf('\n')).isBlank();
    return Json.goesOn(line) && !blank
        ? new GoesOn(typed)
        : new Mistaken(new Json.Fault(fault.at() + start, fault.found(), fault.allowed()));
  }

  private static boolean looksLikeJson(String line) {
    String text = line.stripLeading();
    return text.startsWith("{") || text.startsWith("[");
  }
}
