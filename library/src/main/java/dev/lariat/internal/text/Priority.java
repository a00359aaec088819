package dev.lariat.internal.text;

/**
 * How much the client wants a response, as the {@code priority} header and the PRIORITY_UPDATE
 * frame say it (RFC 9218 section 4).
 *
 * @param urgency 0, the most urgent, to 7
 * @param incremental whether parts of the content are of use before the whole has come
 */
public record Priority(int urgency, boolean incremental) {
  /** The header's name. */
  public static final String FIELD = "priority";

  /** What holds if nothing is said. */
  public static final Priority DEFAULT = new Priority(3, false);

  /** The urgency of what is of no use before everything else. */
  public static final int LEAST_URGENT = 7;

  /** Checks the urgency. */
  public Priority {
    if (urgency < 0 || urgency > LEAST_URGENT) {
      throw new IllegalArgumentException(
          "priority.urgency: " + urgency + ", allowed 0 to 7 (RFC 9218 section 4.1)");
    }
  }

  /** The header's value: {@code u=1, i}. */
  public String value() {
    return "u=" + urgency + (incremental ? ", i" : "");
  }

  /** What a header's value says; the default of what it does not say, or says wrongly. */
  public static Priority parse(String value) {
    int urgency = DEFAULT.urgency;
    boolean incremental = DEFAULT.incremental;
    for (String member : value.split(",", -1)) {
      String bare = member.split(";", 2)[0].strip(); // parameters mean nothing
      if (bare.matches("u=[0-7]")) {
        urgency = bare.charAt(2) - '0';
      } else if (bare.equals("i") || bare.equals("i=?1")) {
        incremental = true;
      } else if (bare.equals("i=?0")) {
        incremental = false;
      }
    }
    return new Priority(urgency, incremental);
  }
}
