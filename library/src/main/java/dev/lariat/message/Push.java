package dev.lariat.message;

/**
 * The server promises the response to a request that you did not make (RFC 9113 section 8.4). It
 * arrives only if {@code http2.push} is on, and before the server refers to what it promises.
 *
 * <p>The promised response arrives at the same receiver, as the messages of {@code promised}, in
 * the order of any response. It has the credit, the content options and the timeout of the request
 * that it comes with.
 *
 * @param stream the stream of the request that the promise comes with
 * @param promised the stream of the promised response; the same object as the handle that {@code
 *     Exchange.of} returns, with which you read, give credit and cancel
 * @param method {@code GET} or {@code HEAD}
 * @param uri the URI of the promised request, with the scheme and the authority of your request
 * @param headers the headers of the promised request
 */
public record Push(StreamRef stream, StreamRef promised, String method, String uri, Headers headers)
    implements Message.OfStream {

  @Override
  public boolean ends() {
    return false;
  }
}
