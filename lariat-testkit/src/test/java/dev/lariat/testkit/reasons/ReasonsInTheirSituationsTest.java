package dev.lariat.testkit.reasons;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each reason, each step and each bound, where a user meets it: a table of what happens and of what
 * he reads then. Who adds one of them adds its situation here.
 */
@Timeout(60)
class ReasonsInTheirSituationsTest {

  static Stream<Situation> situations() {
    return Stream.of(
            ConnectionSituations.all(),
            ResponseSituations.all(),
            Http2Situations.all(),
            LiveSituations.all(),
            PoolSituations.all(),
            DownloadSituations.all())
        .flatMap(List::stream);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("situations")
  void whatTheUserReadsIsTrueAndSaysEnough(Situation situation) throws Exception {
    try (Stage stage = new Stage()) {
      Reason reason = situation.play().on(stage);
      if (situation.pattern()) {
        assertThat(reason.sentence()).matches(situation.sentence());
      } else {
        assertThat(reason.sentence()).isEqualTo(situation.sentence());
      }
      assertThat(subjects(reason)).contains(situation.of());
    }
  }

  @Test
  void noneIsWithoutItsSituation() {
    List<Object> subjects = new ArrayList<>(List.of(Reason.class.getPermittedSubclasses()));
    subjects.removeAll(List.of(Reason.Timeout.class, Reason.Limit.class)); // by steps and bounds
    subjects.addAll(Arrays.asList(Reason.Step.values()));
    subjects.addAll(Arrays.asList(Reason.Bound.values()));
    assertThat(situations().map(Situation::of)).containsAll(subjects);
  }

  /** What a reason is an example of: itself, and the reasons in it. */
  private static List<Object> subjects(Reason reason) {
    List<Object> all = new ArrayList<>(List.of(reason.getClass()));
    for (var part : reason.getClass().getRecordComponents()) {
      try {
        Object value = part.getAccessor().invoke(reason);
        add(value instanceof java.util.Optional<?> optional ? optional.orElse(null) : value, all);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
    return all;
  }

  private static void add(Object value, List<Object> all) {
    switch (value) {
      case Reason inner -> all.addAll(subjects(inner));
      case Reason.Step step -> all.add(step);
      case Reason.Bound bound -> all.add(bound);
      case dev.lariat.FailedException failed -> all.addAll(subjects(failed.reason()));
      case null, default -> {}
    }
  }
}
