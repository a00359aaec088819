package dev.lariat.opentelemetry;

import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import io.opentelemetry.api.common.AttributeKey;
import java.util.Set;
import java.util.regex.Pattern;

/** The names and values of the semantic conventions for HTTP clients. */
final class Conventions {
  static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
  static final AttributeKey<String> METHOD_ORIGINAL =
      AttributeKey.stringKey("http.request.method_original");
  static final AttributeKey<Long> RESENDS = AttributeKey.longKey("http.request.resend_count");
  static final AttributeKey<Long> STATUS = AttributeKey.longKey("http.response.status_code");
  static final AttributeKey<String> ADDRESS = AttributeKey.stringKey("server.address");
  static final AttributeKey<Long> PORT = AttributeKey.longKey("server.port");
  static final AttributeKey<String> URL = AttributeKey.stringKey("url.full");
  static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
  static final AttributeKey<String> VERSION = AttributeKey.stringKey("network.protocol.version");
  static final AttributeKey<String> PEER_ADDRESS = AttributeKey.stringKey("network.peer.address");
  static final AttributeKey<Long> PEER_PORT = AttributeKey.longKey("network.peer.port");

  static final AttributeKey<String> SUBPROTOCOL =
      AttributeKey.stringKey("lariat.websocket.subprotocol");
  static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("lariat.attempt");
  static final AttributeKey<Double> DELAY = AttributeKey.doubleKey("lariat.delay");
  static final AttributeKey<Double> GAP = AttributeKey.doubleKey("lariat.gap");

  private static final String OTHER = "_OTHER";
  private static final Set<String> METHODS =
      Set.of("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE");

  /** Keys of queries whose values let others in. */
  private static final Pattern SECRET =
      Pattern.compile(
          "([?&](?:AWSAccessKeyId|Signature|sig|X-Amz-Signature|X-Amz-Credential"
              + "|X-Amz-Security-Token|X-Goog-Signature|X-Goog-Credential)=)[^&]*");

  private Conventions() {}

  /** A method that the convention knows, or the name for all others. */
  static String method(String method) {
    return METHODS.contains(method) ? method : OTHER;
  }

  static boolean isOther(String method) {
    return method(method).equals(OTHER);
  }

  /** A span has the name of the method alone, since nothing knows the template of the path. */
  static String spanName(String method) {
    return isOther(method) ? "HTTP" : method;
  }

  /** The URL without what should not be recorded. An origin has no credentials. */
  static String url(String origin, String target) {
    return target.equals("*") ? origin : origin + SECRET.matcher(target).replaceAll("$1REDACTED");
  }

  static String version(Protocol protocol) {
    return protocol == Protocol.HTTP_2 ? "2" : "1.1";
  }

  /** What failed, as a value of few: what lies behind a request that was not processed. */
  static String error(Reason reason) {
    return switch (reason) {
      case Reason.Unprocessed(var why, var last) when last.isPresent() -> error(last.get());
      case Reason.GaveUp(var attempts, var last) -> error(last);
      default -> reason.getClass().getSimpleName();
    };
  }
}
