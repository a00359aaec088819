package dev.lariat.cli;

/**
 * Folds JSON for a screen as it arrives: each member on a line of its own, indented, or all on one
 * line; and in colours if wanted. It holds back nothing but the start of a literal. What is not
 * JSON passes, as it is.
 */
final class Folding {
  private static final String RESET = "\u001b[0m";
  private static final String NAME = "\u001b[34m";
  private static final String STRING = "\u001b[32m";
  private static final String LITERAL = "\u001b[36m";

  private static final int LONGEST = 1000; // characters of a number

  private final boolean lines;
  private final boolean colours;
  private int depth;
  private boolean inString;
  private boolean escaped;
  private final StringBuilder literal = new StringBuilder();
  private boolean raw; // this is not JSON
  private boolean opened; // a bracket, with nothing behind it yet
  private final StringBuilder nesting = new StringBuilder(); // { for an object, [ for an array
  private boolean nameNext;
  private boolean fresh = true; // nothing is on this line yet

  Folding(boolean colours) {
    this(true, colours);
  }

  private Folding(boolean lines, boolean colours) {
    this.lines = lines;
    this.colours = colours;
  }

  /** Everything on one line, with a space where another line would begin. */
  static Folding onOneLine(boolean colours) {
    return new Folding(false, colours);
  }

  /** What to show for this piece of the text. */
  String of(String piece) {
    StringBuilder out = new StringBuilder(piece.length() * 2);
    for (int i = 0; i < piece.length(); i++) {
      if (raw) {
        out.append(piece.charAt(i));
      } else {
        take(piece.charAt(i), out);
      }
    }
    return out.toString();
  }

  /** What to show at the end of the text. */
  String end() {
    StringBuilder out = new StringBuilder();
    endLiteral(out);
    if (raw) {
      return out.toString(); // as it is, to the last character
    }
    if (inString) {
      colour(RESET, out);
    }
    return fresh ? out.toString() : out.append('\n').toString();
  }

  private void colour(String sequence, StringBuilder out) {
    if (colours) {
      out.append(sequence);
    }
  }

  private void take(char c, StringBuilder out) {
    if (!inString && !literal.isEmpty() && ",]}: \t\n\r\"[{".indexOf(c) >= 0) {
      endLiteral(out);
      if (raw) {
        out.append(c);
        return;
      }
    }
    if (c == '\n' && depth == 0 && !inString && !fresh) {
      endLiteral(out); // another value may follow, as in lines of JSON
      out.append('\n');
      fresh = true;
      return;
    }
    fresh &= !inString && (c == ' ' || c == '\t' || c == '\n' || c == '\r');
    if (inString) {
      out.append(c);
      if (escaped) {
        escaped = false;
      } else if (c == '\\') {
        escaped = true;
      } else if (c == '"') {
        inString = false;
        colour(RESET, out);
      }
      return;
    }
    switch (c) {
      case ' ', '\t' -> {
        if (depth == 0 && !fresh) {
          out.append(c); // between two values, if they are any
        }
      }
      case '\n', '\r' -> {} // it has lines of its own
      case '{', '[' -> {
        begin(out);
        out.append(c);
        depth++;
        nesting.append(c);
        opened = true;
        nameNext = c == '{';
      }
      case '}', ']' -> {
        endLiteral(out);
        depth = Math.max(0, depth - 1);
        nesting.setLength(Math.max(0, nesting.length() - 1));
        if (!opened) {
          line(out);
        }
        opened = false;
        out.append(c);
        nameNext = false;
      }
      case ',' -> {
        endLiteral(out);
        out.append(lines ? "," : ", ");
        line(out);
        nameNext = !nesting.isEmpty() && nesting.charAt(nesting.length() - 1) == '{';
      }
      case ':' -> {
        endLiteral(out);
        out.append(": ");
        nameNext = false;
      }
      case '"' -> {
        begin(out);
        colour(nameNext ? NAME : STRING, out);
        out.append(c);
        inString = true;
      }
      default -> {
        if (literal.isEmpty()) {
          begin(out);
        }
        literal.append(c);
        if (literal.length() > LONGEST) {
          endLiteral(out);
        }
      }
    }
  }

  private void endLiteral(StringBuilder out) {
    if (literal.isEmpty()) {
      return;
    }
    String text = literal.toString();
    literal.setLength(0);
    raw = Json.fault(text) != null;
    if (!raw) {
      colour(LITERAL, out);
    }
    out.append(text);
    if (!raw) {
      colour(RESET, out);
    }
  }

  /** A value begins: what is the first within a bracket has a line of its own. */
  private void begin(StringBuilder out) {
    endLiteral(out);
    if (opened) {
      opened = false;
      line(out);
    }
  }

  private void line(StringBuilder out) {
    if (lines) {
      out.append('\n').repeat("  ", Math.min(depth, 100));
    }
  }
}
