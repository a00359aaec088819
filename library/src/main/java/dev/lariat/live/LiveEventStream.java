package dev.lariat.live;

import dev.lariat.internal.content.Contents;
import dev.lariat.internal.entrance.Login;
import dev.lariat.live.EventSession.Arrived;
import dev.lariat.message.Headers;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Reason;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Endpoints;
import dev.lariat.option.EventOptions;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Request;
import dev.lariat.option.Silence;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The loop's side of a {@link LiveEvents}: its sessions, and which events the owner has had. */
final class LiveEventStream extends LiveLoop<EventSession> {
  private static final int OK = 200;

  private final EventOptions options;
  private final ConnectionOptions connection;
  private final Request request;
  private volatile String lastId;

  /** Of each event that named its id, in which session it was told. */
  private final Map<Fingerprint, Long> told =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Fingerprint, Long> eldest) {
          return size() > options.remembered();
        }
      };

  /** What makes two events one and the same: a digest of all of it, since an id may be long. */
  private record Fingerprint(long digest, long moreOfIt) {
    static Fingerprint of(ServerSentEvent event) {
      try {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (String part : List.of(event.id(), event.type(), event.data())) {
          byte[] octets = part.getBytes(StandardCharsets.UTF_8);
          digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(octets.length).flip());
          digest.update(octets);
        }
        ByteBuffer all = ByteBuffer.wrap(digest.digest());
        return new Fingerprint(all.getLong(), all.getLong());
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has it", e);
      }
    }
  }

  LiveEventStream(
      LiveRef ref,
      EventOptions options,
      Endpoints endpoints,
      Request request,
      String lastId,
      Ground ground,
      LiveOwner owner) {
    super(ref, life(options), endpoints, ground, null, owner);
    this.options = options;
    ConnectionOptions session = once(options.connection());
    this.connection = session.limits(Contents.ofEvents(session.limits()));
    this.request = request;
    this.lastId = lastId;
  }

  private static LiveOptions life(EventOptions options) {
    LiveOptions same =
        LiveOptions.DEFAULT
            .connection(options.connection())
            .healing(options.healing())
            .rotation(options.rotation().quiet(Duration.ZERO)) // the next goes on from its last id
            .endpoint(options.endpoint());
    return options.between().map(limit -> same.silence(Silence.of(limit))).orElse(same);
  }

  /** How long a server may take to answer. */
  Duration answer() {
    return options.answer();
  }

  /** The id that the server gave last; from any thread. */
  String lastId() {
    return lastId;
  }

  // ---- sessions

  @Override
  Approach approach(Endpoint endpoint) {
    Request its = Request.of(request.method(), endpoint.target());
    its = its.headers(headers(endpoint)).body(request.body());
    Optional<Login> login = login(endpoint, request.credentials());
    return new Approach(this, endpoint, its, connection, options.redirects(), login);
  }

  @Override
  EventSession connect(Approach approach) {
    return new EventSession(this, approach, approach.limits());
  }

  @Override
  ConnectionOptions ofSession(ConnectionOptions options) {
    return options;
  }

  /** Throws where a header is one that only the live stream knows. */
  static void checkHeaders(Endpoint endpoint) {
    if (endpoint.headers().contains("last-event-id")) {
      throw new IllegalArgumentException("endpoint: one with Last-Event-ID, allowed one without");
    }
  }

  private Headers headers(Endpoint endpoint) {
    checkHeaders(endpoint);
    Headers all = request.headers();
    for (Headers.Field field : endpoint.headers()) {
      all = all.with(field.name(), field.value());
    }
    if (!all.contains("accept")) {
      all = all.with("accept", "text/event-stream");
    }
    if (!all.contains("cache-control")) {
      all = all.with("cache-control", "no-store");
    }
    return lastId.isEmpty() ? all : all.with("last-event-id", inUtf8(lastId));
  }

  /** The characters whose octets on the wire are the UTF-8 form of this. */
  private static String inUtf8(String id) {
    return new String(id.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** Why this answer is no stream of events; null if it is one (HTML section 9.2.3). */
  @Nullable Reason refusal(int status, Headers headers) {
    if (status != OK) {
      return status(status, headers);
    }
    if (Contents.isEventStream(headers)) {
      return null;
    }
    String type = headers.first("content-type").orElse("none");
    return new Reason.Protocol(
        "the response has the type " + type + " and is not an event stream", "HTML section 9.2.3");
  }

  @Override
  public boolean open(EventSession session) {
    return false;
  }

  @Override
  public void sendBy(EventSession session) {} // nothing is sent

  @Override
  public boolean hasSent(EventSession session) {
    return false;
  }

  @Override
  public boolean hasLanded(EventSession session) {
    return true;
  }

  @Override
  public void drain(EventSession session) {
    leave(session); // the next session goes on from the last event that the owner has had
  }

  @Override
  public void leave(EventSession session) {
    session.end();
    post(() -> lost(session, new Reason.OwnerClosed()));
  }

  @Override
  public void over(Reason reason) {
    closeAll();
    super.over(reason);
  }

  // ---- what arrives

  /** Something has come, if only a comment. */
  void heardBytes() {
    if (options.comments()) {
      life.heard(now());
    }
  }

  /** Tells an event, unless it was told in an earlier session; then it is no position either. */
  void carried(Arrived arrived) {
    ServerSentEvent event = arrived.event();
    if (event != null) {
      life.heard(now());
    }
    if (event != null && arrived.ownId() && options.remembered() > 0) {
      Long before = told.putIfAbsent(Fingerprint.of(event), session());
      if (before != null && before != session()) {
        return;
      }
    }
    lastId = arrived.position(); // first, so that nobody reads an event and finds himself before it
    if (event != null) {
      life.served();
      tell(event);
    }
  }
}
