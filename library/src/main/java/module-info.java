/** A long-lived HTTP and WebSocket client. What is exported is the whole public API. */
@SuppressWarnings("module") // the test kit, which is built later
@org.jspecify.annotations.NullMarked
module dev.lariat {
  requires static com.aayushatharva.brotli4j; // each optional: see Content
  requires static com.github.luben.zstd_jni;
  requires static transitive org.jspecify;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.codec.http2;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.resolver;
  requires io.netty.transport;
  requires io.netty.transport.classes.epoll;
  requires io.netty.transport.unix.common;
  requires static jdk.jfr; // for who uses JfrListener
  requires jdk.net; // the probes of TCP, where epoll is not there

  exports dev.lariat;
  exports dev.lariat.client;
  exports dev.lariat.cookie;
  exports dev.lariat.cookie.store;
  exports dev.lariat.event;
  exports dev.lariat.flight;
  exports dev.lariat.live;
  exports dev.lariat.message;
  exports dev.lariat.option;
  exports dev.lariat.supervision;

  // The test kit words its exceptions as the library does, and simulates the machine.
  exports dev.lariat.internal.text to
      dev.lariat.testkit;
  exports dev.lariat.internal.transport to
      dev.lariat.testkit;
}
