package dev.lariat.internal.download;

import dev.lariat.internal.codec.ContentRange;
import dev.lariat.internal.codec.ReprDigest;
import dev.lariat.internal.codec.Validator;
import dev.lariat.internal.codec.Violation;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Bound;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * What one download decides, from response to response. It has no socket, no file and no clock.
 *
 * <p>It knows the part of the file that is here: its length, and the {@link PartState} of its
 * version, if the server can continue it. While it knows no state, it asks for the whole file, and
 * the bytes that are here are lost when the response comes. Otherwise it asks for the rest by
 * {@code Range} and {@code If-Range} (RFC 9110 sections 14.2 and 13.1.5). The order of calls:
 *
 * <ol>
 *   <li>{@link #ask} says what to ask for.
 *   <li>{@link #answered} takes the head of the response, and says what its body is.
 *   <li>If that is a {@link Step.Begin} or a {@link Step.Continue}: {@link #received} for each part
 *       of the body, then {@link #ended}.
 *   <li>It begins again with 1, unless the last step was a {@link Step.Whole} or a {@link
 *       Step.Fail}. After a broken response, {@link #mayGoOn} says whether it makes sense.
 * </ol>
 */
public final class DownloadCore {
  private static final int OK = 200;
  private static final int PARTIAL_CONTENT = 206;
  private static final int RANGE_NOT_SATISFIABLE = 416;
  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

  /** What to ask for. */
  public sealed interface Ask {
    /** The whole file. */
    record All() implements Ask {}

    /** The bytes from here on, if the file has not changed. */
    record Rest(long from, Validator version) implements Ask {
      /** The value of {@code Range}. */
      public String range() {
        return "bytes=" + from + "-";
      }
    }
  }

  /** What follows from a response. */
  public sealed interface Step {
    /**
     * The body is the file from its first byte: what is here is replaced.
     *
     * @param state what to keep beside the part; empty if the server cannot continue it
     * @param lost why bytes that were here are lost; empty if there were none
     */
    record Begin(Optional<PartState> state, Optional<Reason> lost) implements Step {}

    /**
     * The body continues the part.
     *
     * @param at how many bytes of the part stay
     * @param state what to keep beside the part
     */
    record Continue(long at, PartState state) implements Step {}

    /** The part is the file. */
    record Whole() implements Step {}

    /** The next request follows at once, for the bytes that are still missing. */
    record More() implements Step {}

    /** The next request follows at once, for the whole file. */
    record Again(Reason why) implements Step {}

    /** The download failed for good. */
    record Fail(Reason why, Optional<Reason> last) implements Step {}

    /** The body ended, and nobody knows whether it is complete. */
    record Cut() implements Step {}

    /** The response is none of these: its status says what is wrong. */
    record Other() implements Step {}
  }

  /** The server can say in no way whether what came is the whole file. */
  private static final Step.Fail UNCONFIRMED =
      new Step.Fail(new Reason.Incomplete(new Reason.Closed()), Optional.empty());

  private final String uri;
  private final int restarts;
  private final long limit;

  private Optional<PartState> state; // of the part; empty if it cannot be continued
  private long length; // of the part
  private OptionalLong total = OptionalLong.empty(); // of the whole file
  private Optional<byte[]> digest = Optional.empty(); // of the whole file, as the server says
  private Ask asked = new Ask.All();
  private long end; // where the body ends that arrives; Long.MAX_VALUE if that is not known
  private int pieces; // responses that the part consists of
  private int restarted;

  /**
   * A download that begins, or is continued.
   *
   * @param uri the digest of the URI
   * @param found what an earlier process left beside a part of {@code length} bytes
   * @param restarts how often bytes that are here may be thrown away
   * @param limit the most bytes of the file
   */
  public DownloadCore(
      String uri, Optional<PartState> found, long length, int restarts, long limit) {
    this.uri = uri;
    this.restarts = restarts;
    this.limit = limit;
    this.state =
        found.filter(
            its ->
                length > 0
                    && its.uri().equals(uri)
                    && its.total().orElse(Long.MAX_VALUE) >= length);
    this.length = state.isPresent() ? length : 0;
    this.total = state.map(PartState::total).orElse(OptionalLong.empty());
    this.pieces = state.isPresent() ? 1 : 0;
  }

  // ---- how it stands

  /** How many bytes of the part count. */
  public long length() {
    return length;
  }

  /** How many bytes the whole file has, if that is known. */
  public OptionalLong total() {
    return total;
  }

  /** How often bytes were thrown away. */
  public int restarted() {
    return restarted;
  }

  /** Whether the server can continue the part. */
  public boolean canContinue() {
    return state.isPresent();
  }

  /** Whether another request can help: not if it would throw away more than is allowed. */
  public boolean mayGoOn() {
    return state.isPresent() || length == 0 || restarted < restarts;
  }

  /** The SHA-256 of the file, if the server has named it. */
  public Optional<byte[]> digest() {
    return digest;
  }

  // ---- asking

  /**
   * What to ask for next. Of a part that should be whole, the last byte is asked for again: the
   * answer shows whether it is still the server's file.
   */
  public Ask ask() {
    asked =
        state.isPresent() && length > 0
            ? new Ask.Rest(
                total.orElse(Long.MAX_VALUE) == length ? length - 1 : length,
                state.get().validator())
            : new Ask.All();
    return asked;
  }

  /**
   * A final response has come.
   *
   * @param source the digest of its URI, without the query
   * @param now the time of day
   * @param certain whether the end of its body will be more than a mere end of the connection,
   *     which can also mean that the server died
   */
  public Step answered(int status, Headers headers, String source, Instant now, boolean certain) {
    return switch (status) {
      case OK -> whole(headers, source, now, certain);
      case PARTIAL_CONTENT -> part(headers, source);
      case RANGE_NOT_SATISFIABLE -> unsatisfied(headers, source);
      default -> new Step.Other();
    };
  }

  /**
   * The whole file comes, because it was asked for, or in place of the rest.
   *
   * @param certain whether the end of its body will be more than a mere end of the connection
   */
  private Step whole(Headers headers, String source, Instant now, boolean certain) {
    OptionalLong coming = contentLength(headers);
    if (coming.orElse(0) > limit) {
      return tooLong();
    }
    if (!certain && isWithoutRanges(headers)) {
      state = Optional.empty();
      return UNCONFIRMED; // it would be no more certain than what is here
    }
    Optional<Reason> lost = length > 0 ? Optional.of(whyLost(headers)) : Optional.empty();
    if (lost.isPresent() && ++restarted > restarts) {
      return tooOften(lost.get());
    }
    boolean ranges = headers.all("accept-ranges").stream().noneMatch("none"::equalsIgnoreCase);
    total = coming;
    String coding = PartState.coding(headers);
    state =
        Validator.of(headers, now)
            .filter(validator -> ranges && PartState.isKept(coding))
            .map(validator -> new PartState(uri, source, validator, coding, total));
    digest = ReprDigest.sha256(headers);
    length = 0;
    pieces = 1;
    end = total.orElse(Long.MAX_VALUE);
    return new Step.Begin(state, lost);
  }

  /** Whether the file has not changed, and comes although only its rest was asked for. */
  private boolean isWithoutRanges(Headers headers) {
    return asked instanceof Ask.Rest(var from, var version)
        && version.differs(headers, false).isEmpty();
  }

  private Reason whyLost(Headers headers) {
    String why =
        switch (asked) {
          case Ask.All all -> "the server sent no strong validator, so it cannot continue the file";
          case Ask.Rest(var from, var version) ->
              version
                  .differs(headers, false)
                  .orElse("the server sent the whole file, not the rest that was asked for");
        };
    return new Reason.NotResumed(why);
  }

  private Step part(Headers headers, String source) {
    if (!(asked instanceof Ask.Rest(var from, var version))) {
      return broken("the server sent a part, and the request had no Range", "section 15.3.7");
    }
    ContentRange range;
    try {
      range = ContentRange.of(headers);
    } catch (Violation e) {
      return new Step.Fail(e.reason(), Optional.empty());
    }
    PartState known = state.orElseThrow(); // or nothing was asked for by its version
    Optional<String> changed = changed(known, headers, source, true);
    boolean other =
        total.isPresent() && range.complete().orElse(total.getAsLong()) != total.getAsLong();
    if (changed.isPresent() || other) {
      return again(
          changed.orElse("the file changed: its length is not " + total.orElse(0) + " any more"));
    }
    if (range.first() != from) {
      return broken(
          "the server sent the bytes from " + range.first() + ", not from " + from, "section 14.4");
    }
    OptionalLong body = contentLength(headers);
    if (range.last() >= total.orElse(Long.MAX_VALUE) || body.orElse(range.size()) != range.size()) {
      return broken(
          "the server's Content-Range does not fit the length of the "
              + (body.orElse(range.size()) == range.size() ? "file" : "body"),
          "section 14.4");
    }
    if (range.complete().orElse(range.last() + 1) > limit) {
      return tooLong();
    }
    total = total.isPresent() ? total : range.complete();
    PartState more = known.total(total);
    state = Optional.of(more);
    digest = ReprDigest.sha256(headers);
    length = from;
    pieces++;
    end = range.last() + 1;
    return new Step.Continue(from, more);
  }

  /** There is nothing after the bytes that are here. */
  private Step unsatisfied(Headers headers, String source) {
    if (!(asked instanceof Ask.Rest(var from, var version))) {
      return new Step.Other();
    }
    Optional<String> changed = changed(state.orElseThrow(), headers, source, false);
    boolean whole =
        total.isEmpty() && ContentRange.complete(headers).equals(OptionalLong.of(length));
    if (changed.isPresent() || !whole) {
      return again(changed.orElse("the server has no bytes from " + from + " on"));
    }
    total = OptionalLong.of(length);
    return new Step.Whole();
  }

  private static Optional<String> changed(
      PartState known, Headers headers, String source, boolean part) {
    if (!known.source().equals(source)) {
      return Optional.of("a redirect led to another place than before");
    }
    String coding = PartState.coding(headers); // which a 206 need not repeat
    boolean recoded = part && !coding.isEmpty() && !coding.equals(known.coding());
    return recoded
        ? Optional.of("the file changed: its Content-Encoding is " + coding + " now")
        : known.validator().differs(headers, part);
  }

  private static OptionalLong contentLength(Headers headers) {
    String value = headers.first("content-length").orElse("");
    return LENGTH.matcher(value).matches()
        ? OptionalLong.of(Long.parseLong(value))
        : OptionalLong.empty();
  }

  // ---- the body

  /** So many further bytes have come; returns why they do not count, if they are too many. */
  public Optional<Step.Fail> received(long bytes) {
    if (length + bytes > limit) {
      return Optional.of(tooLong());
    }
    if (length + bytes > end) {
      return Optional.of(broken("the server sent more bytes than its headers say", "section 14.4"));
    }
    length += bytes;
    return Optional.empty();
  }

  /**
   * The body has ended.
   *
   * @param certainly whether its end is not a mere end of the connection, which can also mean that
   *     the server died
   */
  public Step ended(boolean certainly) {
    if (length < end && end != Long.MAX_VALUE) {
      if (!certainly) {
        return new Step.Cut();
      }
      return broken("the server sent fewer bytes than its headers say", "section 14.4");
    }
    if (total.isPresent()) {
      return length == total.getAsLong() ? new Step.Whole() : new Step.More();
    }
    if (end != Long.MAX_VALUE) { // a part of a file whose length is not known
      return new Step.More();
    }
    if (!certainly) {
      return state.isPresent() ? new Step.Cut() : UNCONFIRMED;
    }
    total = OptionalLong.of(length);
    return new Step.Whole();
  }

  /** The whole file does not have this digest. What was put together may not fit together. */
  public Step mismatched(Reason.Corrupted why) {
    return pieces > 1 && restarted < restarts
        ? again("the parts together do not have the right digest")
        : new Step.Fail(why, Optional.empty());
  }

  // ---- ends

  private Step again(String why) {
    Reason lost = new Reason.NotResumed(why);
    if (++restarted > restarts) {
      return tooOften(lost);
    }
    state = Optional.empty();
    total = OptionalLong.empty();
    length = 0;
    pieces = 0;
    return new Step.Again(lost);
  }

  private Step.Fail tooOften(Reason lost) {
    return new Step.Fail(new Reason.Limit(Bound.RESTARTS, restarts), Optional.of(lost));
  }

  private Step.Fail tooLong() {
    return new Step.Fail(new Reason.Limit(Bound.DOWNLOAD, limit), Optional.empty());
  }

  private static Step.Fail broken(String rule, String section) {
    return new Step.Fail(new Reason.Protocol(rule, "RFC 9110 " + section), Optional.empty());
  }
}
