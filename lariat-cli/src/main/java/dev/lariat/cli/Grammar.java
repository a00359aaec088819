package dev.lariat.cli;

import java.util.Collection;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code lariat URL}: the scheme of the URL says which command it is. */
final class Grammar {
  private static final Pattern URL = Pattern.compile("(?i)(https?|wss?)://.*", Pattern.DOTALL);
  private static final Pattern HOST =
      Pattern.compile(
          "[a-zA-Z][\\w+.-]*://.*|localhost(/.*)?|[^=/:@\\\\]*:[0-9]+(/.*)?|[\\w-]+(\\.[\\w-]+)+(/.*)?");

  private static final Pattern WORD = Pattern.compile("[a-zA-Z]+");

  private Grammar() {}

  /** The arguments with a command before them, if they have none but a URL. */
  static String[] of(String[] args, Collection<String> commands) {
    if (args.length == 0 || isCommand(args[0].toLowerCase(Locale.ROOT), commands)) {
      return args;
    }
    boolean host = HOST.matcher(args[0]).matches();
    if (!host && WORD.matcher(args[0]).matches()) {
      return args; // a command that is misspelled
    }
    for (String arg : args) {
      if (isUrl(arg)) {
        boolean ws = arg.toLowerCase(Locale.ROOT).startsWith("ws");
        return with(ws ? "ws" : "request", args);
      }
    }
    return host ? with("request", args) : args; // which is refused well
  }

  /**
   * What is wrong about a {@code --json} with a value, as requests have it, for a command that has
   * one without: the value would be taken for the URL. Null for nothing.
   */
  static @Nullable String misread(String command, String[] args) {
    String instead =
        switch (command) {
          case "sse" -> "-d DATA sends data, with -H content-type:application/json";
          case "ws" -> "-x MESSAGE sends a message";
          default -> null;
        };
    if (instead == null) {
      return null;
    }
    for (int i = 1; i < args.length; i++) {
      boolean apart = args[i].equals("--json") && i + 1 < args.length && isValue(args[i + 1]);
      if (apart || args[i].startsWith("--json=") && isValue(args[i].substring(7))) {
        return "--json of "
            + command
            + " takes no value: it writes what arrives as JSON objects. "
            + instead
            + ".";
      }
    }
    return null;
  }

  private static boolean isValue(String word) {
    return word.startsWith("{") || word.startsWith("[") || word.startsWith("@");
  }

  /** Whether this is the beginning of a URL that a command takes. */
  static boolean isUrl(String word) {
    return URL.matcher(word).matches();
  }

  private static boolean isCommand(String word, Collection<String> commands) {
    return word.equals("help") || commands.contains(word);
  }

  private static String[] with(String command, String[] args) {
    String[] all = new String[args.length + 1];
    all[0] = command;
    System.arraycopy(args, 0, all, 1, args.length);
    return all;
  }
}
