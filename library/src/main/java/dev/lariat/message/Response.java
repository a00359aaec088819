package dev.lariat.message;

/**
 * The status and headers of the final response (RFC 9110 section 15). Each request has exactly one,
 * unless its stream fails first. If it answers an upgrade, the server refused the upgrade.
 *
 * @param stream the request's stream
 * @param fin whether the response has no body; if so, nothing follows
 * @param status 200 to 999; or 0 to 99, which HTTP does not define and which count as server
 *     errors, like 5xx (RFC 9110 section 15)
 * @param headers its headers
 */
public record Response(StreamRef stream, boolean fin, int status, Headers headers)
    implements Message.OfStream {

  @Override
  public boolean ends() {
    return fin;
  }
}
