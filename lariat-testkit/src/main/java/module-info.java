/** A scripted origin with faults and a virtual clock, for the tests of Lariat's users. */
@org.jspecify.annotations.NullMarked
module dev.lariat.testkit {
  requires transitive dev.lariat;
  requires static transitive org.jspecify;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.codec.http;
  requires io.netty.codec.http2;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;
  requires static org.bouncycastle.pkix; // for who uses Origin.startTls
  requires static org.bouncycastle.provider;

  exports dev.lariat.testkit;
}
