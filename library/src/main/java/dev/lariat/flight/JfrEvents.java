package dev.lariat.flight;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** What Java Flight Recorder is given; it reads the fields. */
final class JfrEvents {
  private JfrEvents() {}

  @Category("Lariat")
  @StackTrace(false)
  abstract static class Ours extends jdk.jfr.Event {
    @Label("Connection")
    @Nullable String connection;

    @Label("Reason")
    @Nullable String reason;
  }

  @Category("Lariat")
  @StackTrace(false)
  abstract static class OfPool extends jdk.jfr.Event {
    @Label("Origin")
    @Nullable String origin;

    @Label("Reason")
    @Nullable String reason;

    @Label("Time")
    @Timespan(Timespan.NANOSECONDS)
    long took;
  }

  @Name("dev.lariat.PoolWait")
  @Label("Wait for a Connection of a Pool")
  static final class PoolWaitEvent extends OfPool {
    @Label("Outcome")
    @Nullable String outcome;
  }

  @Name("dev.lariat.PoolOpening")
  @Label("Connection Opened by a Pool")
  static final class PoolOpeningEvent extends OfPool {
    @Label("Number")
    long number;

    @Label("Protocol")
    @Nullable String protocol;
  }

  @Name("dev.lariat.PoolClosed")
  @Label("Connection of a Pool Closed")
  static final class PoolClosedEvent extends OfPool {
    @Label("Number")
    long number;

    @Label("Cause")
    @Nullable String cause;
  }

  @Name("dev.lariat.Lookup")
  @Label("Name Lookup")
  static final class LookupEvent extends Ours {
    @Label("Host")
    @Nullable String host;

    @Label("Addresses")
    int addresses;
  }

  @Name("dev.lariat.Connect")
  @Label("Connect")
  static final class ConnectEvent extends Ours {
    @Label("Remote Address")
    @Nullable String remote;

    @Label("Established")
    boolean established;
  }

  @Name("dev.lariat.Proxy")
  @Label("Tunnel of a Proxy")
  static final class ProxyEvent extends Ours {
    @Label("Number")
    int number;

    @Label("Proxy")
    @Nullable String proxy;

    @Label("Through")
    boolean through;
  }

  @Name("dev.lariat.Tls")
  @Label("TLS Handshake")
  static final class TlsEvent extends Ours {
    @Label("Protocol")
    @Nullable String protocol;

    @Label("Cipher Suite")
    @Nullable String cipher;
  }

  @Name("dev.lariat.Connection")
  @Label("Connection")
  static final class ConnectionEvent extends Ours {
    @Label("Remote Address")
    @Nullable String remote;

    @Label("Protocol")
    @Nullable String protocol;
  }

  @Name("dev.lariat.Retry")
  @Label("Retry")
  static final class RetryEvent extends Ours {
    @Label("Attempt")
    int attempt;

    @Label("Delay")
    @Timespan(Timespan.NANOSECONDS)
    long delay;
  }

  @Name("dev.lariat.LoopStall")
  @Label("Event Loop Stall")
  static final class LoopStallEvent extends Ours {
    @Label("Time")
    @Timespan(Timespan.NANOSECONDS)
    long took;

    @Label("Stack")
    @Nullable String stack;
  }

  @Name("dev.lariat.Request")
  @Label("Request")
  static final class RequestEvent extends Ours {
    @Label("Method")
    @Nullable String method;

    @Label("Target")
    @Nullable String target;

    @Label("Status")
    int status;

    @Label("Body Bytes")
    @DataAmount
    long bytes;

    @Label("Pushed")
    boolean pushed;
  }

  @Name("dev.lariat.Upgrade")
  @Label("WebSocket Upgrade")
  static final class UpgradeEvent extends Ours {
    @Label("Target")
    @Nullable String target;

    @Label("Status")
    int status;
  }

  abstract static class Counted extends Ours {
    @Label("Frames Received")
    long framesReceived;

    @Label("Bytes Received")
    @DataAmount
    long bytesReceived;

    @Label("Frames Sent")
    long framesSent;

    @Label("Bytes Sent")
    @DataAmount
    long bytesSent;
  }

  @Name("dev.lariat.WebSocket")
  @Label("WebSocket")
  static final class WebSocketEvent extends Counted {}

  @Name("dev.lariat.WebSocketTraffic")
  @Label("WebSocket Traffic")
  @Period("10 s")
  static final class TrafficEvent extends Counted {
    @Label("WebSocket")
    @Nullable String webSocket;
  }
}
