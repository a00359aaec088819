package dev.lariat.internal.uri;

import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Hides what a URI may hold that is a secret, before somebody reads it in a log. */
public final class Mask {
  private static final String HIDDEN = "***";
  private static final Pattern USER_INFORMATION = Pattern.compile("//[^/?#\\s]*@");
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://");

  private Mask() {}

  /** A text, with the user information of the URIs in it hidden. */
  public static String userInformation(String text) {
    return text.indexOf('@') < 0
        ? text
        : USER_INFORMATION.matcher(text).replaceAll("//" + HIDDEN + "@");
  }

  /**
   * A URI that is refused. Nobody knows which part of it is user information, so everything before
   * the last at sign is hidden but the scheme.
   */
  public static String refused(String uri) {
    String shown = uri.replaceAll("\\p{Cntrl}", "?");
    int at = shown.lastIndexOf('@');
    if (at < 0) {
      return shown;
    }
    var scheme = SCHEME.matcher(shown);
    boolean named = scheme.lookingAt() && scheme.end() <= at;
    return (named ? scheme.group() : "") + HIDDEN + shown.substring(at);
  }

  /** A URI or a request's target, with the values in its query hidden, and its fragment. */
  public static String query(String target) {
    int fragment = target.indexOf('#');
    String own = fragment < 0 ? target : target.substring(0, fragment);
    int query = own.indexOf('?');
    if (query < 0) {
      return fragment < 0 ? own : own + '#' + HIDDEN;
    }
    String shown =
        Stream.of(own.substring(query + 1).split("&", -1))
            .map(Mask::parameter)
            .collect(Collectors.joining("&", own.substring(0, query + 1), ""));
    return fragment < 0 ? shown : shown + '#' + HIDDEN;
  }

  private static String parameter(String parameter) {
    int equals = parameter.indexOf('=');
    return parameter.isEmpty() ? "" : parameter.substring(0, equals + 1) + HIDDEN;
  }
}
