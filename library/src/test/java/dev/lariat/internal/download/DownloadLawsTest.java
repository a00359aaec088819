package dev.lariat.internal.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.download.DownloadCore.Ask;
import dev.lariat.internal.download.DownloadCore.Step;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * A download from a server that changes its file, forgets ranges, cuts its responses and lies about
 * nothing but is careless, by processes that are killed at any time. What is called whole is
 * exactly one version of the file; everything else is a failure with a reason.
 */
class DownloadLawsTest {
  private static final Instant NOW = Instant.parse("2026-11-30T00:00:00Z");
  private static final String URI = PartState.digest("http://a.example/");
  private static final int STEPS = 300;

  @Property(tries = 3000, shrinking = ShrinkingMode.OFF)
  void whatIsWholeIsExactlyOneVersion(@ForAll long seed) {
    new Walk(seed).run();
  }

  @Property(tries = 3000, shrinking = ShrinkingMode.OFF)
  void aKindServerIsReadToTheEndWhateverHappenedBefore(@ForAll long seed) {
    Walk walk = new Walk(seed);
    walk.steps(20);
    walk.kind = true;
    assertThat(walk.steps(STEPS)).isPresent();
  }

  private static final class Walk {
    private final Random random;
    private final List<byte[]> versions = new ArrayList<>();
    private final boolean tagged; // whether the server has strong entity tags
    private final int restarts;
    boolean kind;
    private DownloadCore core;

    // what the disk has
    private byte[] part = new byte[0];
    private Optional<byte[]> kept = Optional.empty();

    Walk(long seed) {
      random = new Random(seed);
      tagged = random.nextInt(4) != 0;
      restarts = random.nextInt(5);
      change();
      starts();
    }

    private void change() {
      byte[] next = new byte[random.nextInt(3) == 0 ? 20 : random.nextInt(40)];
      random.nextBytes(next);
      versions.add(next);
    }

    private void starts() {
      core =
          new DownloadCore(
              URI, kept.flatMap(PartState::parse), part.length, restarts, Long.MAX_VALUE);
      part = Arrays.copyOf(part, (int) core.length());
    }

    void run() {
      steps(STEPS).ifPresent(file -> assertThat(versions).contains(file));
    }

    /** Until the file is here; empty if there was a failure, or there were too many steps. */
    Optional<byte[]> steps(int number) {
      for (int i = 0; i < number; i++) {
        if (!kind && random.nextInt(4) == 0) {
          change();
        }
        if (!kind && random.nextInt(8) == 0) {
          starts(); // after it was killed
        }
        Step step = request();
        switch (step) {
          case Step.Whole whole -> {
            assertThat(versions).contains(part);
            if (kind) {
              assertThat(part).isEqualTo(versions.getLast());
            }
            return Optional.of(part);
          }
          case Step.Fail(var why, var last) -> {
            assertThat(why)
                .isInstanceOfAny(
                    Reason.Limit.class, Reason.Protocol.class, Reason.Incomplete.class);
            starts(); // the user tries again
          }
          case Step.Cut cut -> {
            if (!core.mayGoOn()) {
              starts();
            }
          }
          case Step.More more -> assertThat(core.length()).isPositive();
          case Step.Again again -> assertThat(core.length()).isZero();
          case Step.Other other -> {}
          case Step.Begin begin -> throw new AssertionError(begin);
          case Step.Continue more -> throw new AssertionError(more);
        }
      }
      return Optional.empty();
    }

    /** One request, its response, and what follows from it. */
    private Step request() {
      Ask ask = core.ask();
      int version = versions.size();
      byte[] file = versions.getLast();
      Headers headers =
          tagged ? Headers.of("etag", "\"" + version + "\"") : Headers.of("etag", "W/\"1\"");
      boolean ignoresIfRange = !kind && random.nextInt(6) == 0;
      long from =
          switch (ask) {
            case Ask.All all -> -1;
            case Ask.Rest(var first, var known) ->
                ignoresIfRange || headers.first("etag").orElseThrow().equals(known.value())
                    ? first
                    : -1;
          };
      if (!kind && random.nextInt(6) == 0) {
        from = -1; // it knows nothing of ranges today
      }
      if (!kind && random.nextInt(10) == 0) {
        return core.answered(503, Headers.EMPTY, "", NOW, true);
      }
      if (from >= file.length) {
        Headers refusal =
            ignoresIfRange
                ? headers // or nobody could tell that it has changed
                : Headers.EMPTY;
        String range = "bytes */" + file.length;
        return core.answered(416, refusal.with("content-range", range), "", NOW, true);
      }
      int first = Math.max(0, (int) from);
      int end = file.length;
      if (from >= 0) {
        end = !kind && random.nextInt(3) == 0 ? first + 1 + random.nextInt(end - first) : end;
        String complete = random.nextInt(4) == 0 ? "*" : String.valueOf(file.length);
        headers =
            headers.with("content-range", "bytes " + first + "-" + (end - 1) + "/" + complete);
      }
      boolean length = random.nextBoolean();
      if (length) {
        headers = headers.with("content-length", String.valueOf(end - first));
      }
      Step step = core.answered(from >= 0 ? 206 : 200, headers, "", NOW, true);
      switch (step) {
        case Step.Begin(var state, var lost) -> {
          part = new byte[0];
          kept = state.map(PartState::encode);
        }
        case Step.Continue(var at, var state) -> {
          part = Arrays.copyOf(part, (int) at);
          kept = Optional.of(state.encode());
        }
        default -> {
          return step;
        }
      }
      return body(file, first, end, length);
    }

    private Step body(byte[] file, int first, int end, boolean length) {
      boolean cut = !kind && random.nextInt(2) == 0;
      int until = cut ? first + random.nextInt(end - first + 1) : end;
      for (int at = first; at < until; ) {
        int next = Math.min(until, at + 1 + random.nextInt(10));
        part = Arrays.copyOf(part, part.length + next - at);
        System.arraycopy(file, at, part, part.length - (next - at), next - at);
        Optional<Step.Fail> fail = core.received(next - at);
        if (fail.isPresent()) {
          return fail.get();
        }
        at = next;
      }
      if (cut && (length || random.nextBoolean())) {
        return new Step.Cut(); // the connection says so
      }
      return core.ended(!cut);
    }
  }
}
