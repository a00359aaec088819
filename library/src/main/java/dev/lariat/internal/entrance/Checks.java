package dev.lariat.internal.entrance;

import dev.lariat.FailedException;
import dev.lariat.internal.protocol.Forward;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Http1;
import dev.lariat.option.Request;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/**
 * What is checked before a connection is asked for a stream. A mistake of the user's throws here,
 * on the user's thread, and nothing of it reaches the connection.
 */
public final class Checks {
  private Checks() {}

  // ---- what the connection speaks

  /** It speaks HTTP. */
  public static void speaksHttp(String operation, ConnectionOptions options) {
    speaks(operation, !options.protocols().contains(Protocol.RAW), options);
  }

  /** It leaves the bytes to the user. */
  public static void speaksRaw(String operation, ConnectionOptions options) {
    speaks(operation, options.protocols().contains(Protocol.RAW), options);
  }

  private static void speaks(String operation, boolean does, ConnectionOptions options) {
    if (!does) {
      throw new FailedException(
          new Reason.BadState(operation, "the connection speaks " + options.protocols()));
    }
  }

  /** It can switch to another protocol. */
  public static void switches(String operation, ConnectionOptions options) {
    speaksHttp(operation, options);
    if (options.http1().version() == Http1.Version.HTTP_1_0) {
      throw new FailedException(
          new Reason.BadState(
              operation,
              "http1.version is HTTP/1.0, which cannot switch protocols (RFC 9110 section 7.8)"));
    }
  }

  /** Its bytes reach the server as they are, so that it can carry something else than requests. */
  public static void reachesTheServer(String operation, ConnectionOptions options) {
    if (Forward.proxy(options).isPresent()) {
      throw new FailedException(
          new Reason.BadState(
              operation,
              "the proxy receives the requests of this connection (proxy.absoluteForm), and opens"
                  + " no tunnel to the server"));
    }
  }

  // ---- what it is asked for

  /** The request has its whole body. */
  public static void whole(Request request) {
    long length = request.contentLength().orElse(0);
    if (length > 0 && request.body().isEmpty()) {
      throw new IllegalArgumentException(
          "content-length: "
              + length
              + ", allowed 0, the size of the body; to send a body"
              + " later, use begin(request)");
    }
  }

  /** The response of the request can be taken as bytes, and this side says where they go. */
  public static void bytes(Request request) {
    boolean bytes = !request.content().events() && request.content().handlers().isEmpty();
    if (request.replyTo().isPresent() || request.credit() != Request.UNLIMITED || !bytes) {
      throw new IllegalArgumentException(
          "request: one with replyTo, credit, events or a content handler, allowed one without");
    }
  }

  /** The body of the request can follow it. */
  public static void begun(Request request, ConnectionOptions options) {
    if (!request.body().isEmpty()) {
      throw new IllegalArgumentException(
          "body: "
              + request.body().size()
              + " bytes, allowed none: begin(request) sends the body later");
    }
    Http1.Version version = options.http1().version();
    if (version == Http1.Version.HTTP_1_0 && request.contentLength().isEmpty()) {
      throw new IllegalArgumentException(
          "http1.version: "
              + version
              + ", allowed "
              + Http1.Version.HTTP_1_1
              + " if a body without a content-length follows (RFC 9112 section 6.1)");
    }
  }

  /** A file can be written there, which has a name. */
  public static Path file(Path file) {
    Path name = Objects.requireNonNull(file, "file: null, allowed any other value").getFileName();
    if (name == null || name.toString().isEmpty() || Files.isDirectory(file)) {
      throw new IllegalArgumentException(
          "file: " + file + ", allowed the path of a file, not of a directory");
    }
    return file;
  }

  /** These are protocols that a server can switch to and that the user speaks. */
  public static void switchable(String... protocols) {
    if (protocols.length == 0) {
      throw new IllegalArgumentException("protocols: none, allowed one or more");
    }
    for (String protocol : protocols) {
      boolean wellFormed = Arrays.stream(protocol.split("/", 2)).allMatch(Headers::isToken);
      if (!wellFormed || protocol.equalsIgnoreCase("websocket")) {
        throw new IllegalArgumentException(
            "protocols: \""
                + protocol
                + "\", allowed a token with an optional version, but not"
                + " websocket (RFC 9110 section 7.8)");
      }
    }
  }
}
