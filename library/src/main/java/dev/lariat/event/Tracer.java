package dev.lariat.event;

/**
 * Traces the requests of connections: it learns of each when it begins, and gives it headers that
 * carry its trace to the server, such as {@code traceparent}. A {@link Listener} only observes.
 *
 * <p>Each request that Lariat sends has a {@link Trace}: a request of your own, and each further
 * one that a call sends because of a redirect, a challenge or a retry. The upgrade of a WebSocket
 * is a request too. A tunnel and a pushed response have no trace.
 *
 * @see dev.lariat.option.ConnectionOptions#tracer
 */
@FunctionalInterface
public interface Tracer {

  /**
   * {@return what begins the traces of what this thread asks for} Lariat calls it on the thread
   * that asks for a request, so that you see what belongs to the thread. For the sessions of a live
   * connection, that is an event loop, so it must not block. If it throws, the request has no
   * trace.
   */
  Parent current();

  /** What traces belong to, such as the current span of a thread. Any thread can use it. */
  @FunctionalInterface
  interface Parent {

    /**
     * {@return the trace of a request that begins} If it throws, the request has no trace.
     *
     * @param request the request
     */
    Trace begin(TracedRequest request);
  }
}
