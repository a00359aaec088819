package dev.lariat.internal.cache;

import dev.lariat.internal.codec.HttpUri;
import dev.lariat.message.Headers;
import java.util.Set;

/**
 * A request, as a cache sees it.
 *
 * @param uri where it goes
 * @param method its method
 * @param headers its headers, as far as they are known
 * @param bodied whether it has a body
 * @param decoded whether the body of its response is decompressed
 * @param identity in whose name it is made, in clear text; empty if nothing says that
 * @param authorized whether credentials go with it
 * @param unknown the names of further headers that it may get on its way
 */
public record Asking(
    HttpUri uri,
    String method,
    Headers headers,
    boolean bodied,
    boolean decoded,
    String identity,
    boolean authorized,
    Set<String> unknown) {

  /** The key of what is stored for it. */
  public String key() {
    return key(uri);
  }

  /** The key of what is stored for this URI: its fragment does not count. */
  public static String key(HttpUri uri) {
    return uri.target(uri.target()).toString();
  }
}
