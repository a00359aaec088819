package dev.lariat.message;

/**
 * The final response's status and headers (RFC 9110 section 15); exactly one unless the stream
 * fails before it. It is also the answer to a refused upgrade.
 *
 * @param stream the request's stream
 * @param fin whether there is no body: nothing follows
 * @param status 200 to 999; or 0 to 99, which are not HTTP's and count as a server's error, as 5xx
 *     does (RFC 9110 section 15)
 * @param headers its headers
 */
public record Response(StreamRef stream, boolean fin, int status, Headers headers)
    implements Message.OfStream {

  @Override
  public boolean ends() {
    return fin;
  }
}
