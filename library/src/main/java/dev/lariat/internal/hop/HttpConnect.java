package dev.lariat.internal.hop;

import dev.lariat.internal.codec.ResponseDecoder;
import dev.lariat.internal.codec.Violation;
import dev.lariat.internal.protocol.Authorization;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Bound;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Proxy;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code CONNECT} (RFC 9110 section 9.3.6) of HTTP/1.1, or of HTTP/2 ({@link #request}). A
 * challenge is answered, by {@link ProxyProof} or by the user's authenticator, on the same
 * connection if the proxy keeps it.
 */
final class HttpConnect implements Negotiation, ResponseDecoder.Sink {
  /** Octets of a status line, or of a header block: many times what proxies send. */
  static final int HEADER_BLOCK = 16 << 10;

  /** Informational responses before the final one: more say nothing that could be of use. */
  static final int INFORMS = 32;

  /** Octets of a refusal's body that are read so that the connection can be used again. */
  static final int BODY = 64 << 10;

  /** Answers of an authenticator in an attempt: a few times what a scheme needs. */
  static final int ROUNDS = 8;

  private static final int SWITCHING = 101;
  private static final int AUTHENTICATION_REQUIRED = 407;
  private static final String CHALLENGES = "proxy-authenticate";

  private final String target;
  private final Headers headers;
  private final ProxyProof proof;

  /** Whether the user's authenticator answers challenges, and not the proof. */
  private final boolean asksUser;

  private int rounds; // that the user has been asked
  private boolean thinks; // the user's answer is awaited
  private @Nullable String answer; // the user's, for the next request
  private @Nullable String shown; // the one in the last request

  // on one connection
  private ResponseDecoder decoder = decoder();
  private boolean kept; // an earlier response was read on it
  private boolean begun; // octets of the response have come
  private int informs;
  private Reason.@Nullable Status refusal;
  private boolean again; // the refusal is a challenge that can be answered
  private boolean last; // no response can follow on this connection
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private int bodySize;
  private @Nullable Progress outcome;

  HttpConnect(Proxy proxy, Authority next, @Nullable InetAddress address) {
    Authority named =
        address == null ? next : Authority.of(Addresses.literal(address), next.port());
    this.target = named.field(0);
    this.headers = proxy.headers();
    this.proof = new ProxyProof(proxy.credentials());
    this.asksUser = proxy.authenticator().isPresent();
  }

  private ResponseDecoder decoder() {
    return new ResponseDecoder(HEADER_BLOCK, false, false, this);
  }

  @Override
  public void begin(ByteBuf out) {
    decoder = decoder();
    kept = false;
    ask(out);
  }

  @Override
  public void askAgain(ByteBuf out) {
    kept = true;
    ask(out);
  }

  private void ask(ByteBuf out) {
    begun = false;
    informs = 0;
    refusal = null;
    again = false;
    last = false;
    body.reset();
    bodySize = 0;
    outcome = null;
    String credentials = asksUser ? takeAnswer() : proof.shown("CONNECT", target, Bytes.EMPTY);
    put(out, "CONNECT " + target + " HTTP/1.1\r\n");
    put(out, "host: " + target + "\r\n");
    if (credentials != null) {
      put(out, "proxy-authorization: " + credentials + "\r\n");
    }
    for (Headers.Field field : headers) {
      put(out, field.name() + ": " + field.value() + "\r\n");
    }
    put(out, "\r\n");
  }

  private @Nullable String takeAnswer() {
    shown = answer;
    answer = null;
    return shown;
  }

  private static void put(ByteBuf out, String text) {
    out.writeCharSequence(text, StandardCharsets.ISO_8859_1);
  }

  @Override
  public Progress received(ByteBuf in, ByteBuf out) {
    if (thinks && last) {
      in.skipBytes(in.readableBytes());
    }
    if (thinks) {
      return in.isReadable() ? new Progress.Refused(early()) : Progress.MORE;
    }
    try {
      while (in.isReadable() && outcome == null) {
        decoder.decode(in);
      }
    } catch (Violation e) {
      return new Progress.Refused(e.reason());
    }
    boolean goesOn = !last && (outcome == Progress.ANEW || thinks);
    if (goesOn && in.isReadable()) {
      return new Progress.Refused(early());
    }
    if (outcome == Progress.ANEW && goesOn) {
      askAgain(out);
    }
    return outcome == null ? Progress.MORE : outcome;
  }

  @Override
  public Progress ended() {
    last = true;
    if (thinks) {
      return Progress.MORE;
    }
    if (refusal != null) {
      return judged(refusal);
    }
    boolean raced = kept && !begun; // it ended the connection while the answer was on its way
    answer = shown; // for the next connection
    return raced ? Progress.ANEW : new Progress.Refused(new Reason.Closed());
  }

  @Override
  public Optional<Reason> refusal() {
    return Optional.ofNullable(refusal).filter(its -> !thinks).map(this::whole);
  }

  @Override
  public Reason early() {
    return new Reason.Protocol(
        "the proxy sent a response before the request", "RFC 9112 section 9.2");
  }

  private Reason whole(Reason.Status refusal) {
    return refusal.body(Bytes.wrap(body.toByteArray()));
  }

  // ---- over HTTP/2

  @Override
  public Command.Connect request(StreamRef tunnel, Inbox inbox) {
    proof.anew();
    Stream stream = new Stream(tunnel, inbox, Gate.NONE, asksUser ? Authorization.NONE : proof);
    String credentials = takeAnswer();
    Headers all = credentials == null ? headers : headers.with("proxy-authorization", credentials);
    return new Command.Connect(stream, target, all, FieldNames.PLAIN);
  }

  /** The connection may have ended before the challenge, or the answer to it, was dealt with. */
  @Override
  public Progress failed(Reason why) {
    if (asksUser && why instanceof Reason.Status status) {
      refusal = status;
      body.reset();
      body.writeBytes(status.body().toArray());
      again = isForUser(status.status(), status.headers());
      return judged(status);
    }
    boolean ended =
        why instanceof Reason.Status
            || why instanceof Reason.Closed
            || why instanceof Reason.Reset
            || why instanceof Reason.Unprocessed;
    if (asksUser && ended && shown != null && rounds < ROUNDS) {
      rounds++;
      answer = shown;
      return Progress.ANEW;
    }
    return ended && proof.challenged() ? Progress.ANEW : new Progress.Refused(why);
  }

  // ---- what the response says

  @Override
  public boolean begins(long before) {
    begun = true;
    return false;
  }

  @Override
  public boolean tunnels(int status) {
    return status / 100 == 2;
  }

  @Override
  public void head(ResponseDecoder.Head head) throws Violation {
    if (head.status() == SWITCHING) {
      throw Violation.protocol(
          "the proxy switched protocols, which the request did not ask for",
          "RFC 9110 section 15.2.2");
    }
    if (head.informational()) {
      if (++informs > INFORMS) {
        throw Violation.limit(Bound.INFORMS, INFORMS);
      }
      return;
    }
    if (tunnels(head.status())) {
      outcome = Progress.THROUGH;
      return;
    }
    refusal = new Reason.Status(head.status(), Optional.empty(), head.headers(), Bytes.EMPTY);
    again =
        asksUser
            ? isForUser(head.status(), head.headers())
            : proof.asksAgain(head.status(), head.headers());
    last = head.last();
    if (head.ends() || again && head.last()) {
      end();
    }
  }

  @Override
  public void part(Bytes part, boolean isLast) {
    int room = Reason.Status.MOST_OF_BODY - body.size();
    body.write(part.toArray(), 0, Math.min(room, part.size()));
    bodySize += part.size();
    boolean much = bodySize > BODY && !isLast; // another connection costs less than the rest
    last |= much;
    if (isLast || much) {
      end();
    }
  }

  @Override
  public void trailers(Headers trailers) {
    end();
  }

  private void end() { // of a refusal
    outcome = refusal == null ? Progress.ANEW : judged(refusal);
  }

  private Progress judged(Reason.Status refusal) {
    if (!again) {
      return new Progress.Refused(whole(refusal));
    }
    if (!asksUser) {
      return Progress.ANEW;
    }
    rounds++;
    thinks = true;
    return new Progress.Challenged(refusal.headers().all(CHALLENGES));
  }

  // ---- the user's authenticator

  private boolean isForUser(int status, Headers headers) {
    return status == AUTHENTICATION_REQUIRED && headers.contains(CHALLENGES) && rounds < ROUNDS;
  }

  @Override
  public Progress answered(Optional<String> credentials) {
    thinks = false;
    answer = credentials.orElse(null);
    if (answer == null && refusal != null) {
      return new Progress.Refused(whole(refusal));
    }
    return last ? Progress.ANEW : Progress.MORE;
  }
}
