package dev.lariat.internal.codec;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The names of fields that responses have most, which need not be made anew. */
final class KnownNames {
  private static final List<String> NAMES =
      List.of(
          "accept-ranges",
          "access-control-allow-credentials",
          "access-control-allow-headers",
          "access-control-allow-methods",
          "access-control-allow-origin",
          "access-control-expose-headers",
          "age",
          "allow",
          "alt-svc",
          "cache-control",
          "cf-cache-status",
          "cf-ray",
          "connection",
          "content-disposition",
          "content-encoding",
          "content-language",
          "content-length",
          "content-location",
          "content-range",
          "content-security-policy",
          "content-type",
          "date",
          "etag",
          "expires",
          "keep-alive",
          "last-modified",
          "link",
          "location",
          "pragma",
          "proxy-authenticate",
          "referrer-policy",
          "retry-after",
          "sec-websocket-accept",
          "sec-websocket-extensions",
          "sec-websocket-protocol",
          "server",
          "server-timing",
          "set-cookie",
          "strict-transport-security",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "vary",
          "via",
          "www-authenticate",
          "x-cache",
          "x-content-type-options",
          "x-frame-options",
          "x-powered-by",
          "x-request-id",
          "x-xss-protection");

  private static final int SLOTS = 256;
  private static final @Nullable String[] TABLE = table();

  private KnownNames() {}

  private static @Nullable String[] table() {
    @Nullable String[] table = new String[SLOTS];
    for (String name : NAMES) {
      byte[] octets = name.getBytes(StandardCharsets.ISO_8859_1);
      int slot = slot(octets, octets.length);
      while (table[slot] != null) {
        slot = slot + 1 & SLOTS - 1;
      }
      table[slot] = name;
    }
    return table;
  }

  private static int slot(byte[] octets, int count) {
    int first = octets[0];
    int last = octets[count - 1];
    int middle = octets[count / 2];
    return count * 31 + first * 7 + middle * 17 + last * 3 & SLOTS - 1;
  }

  /** The name in the first octets of these, in lower case and not empty. */
  static String intern(byte[] octets, int count) {
    int slot = slot(octets, count);
    String known;
    while ((known = TABLE[slot]) != null) {
      if (isName(known, octets, count)) {
        return known;
      }
      slot = slot + 1 & SLOTS - 1;
    }
    return new String(octets, 0, count, StandardCharsets.ISO_8859_1);
  }

  private static boolean isName(String name, byte[] octets, int count) {
    if (name.length() != count) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      if (name.charAt(i) != octets[i]) {
        return false;
      }
    }
    return true;
  }
}
