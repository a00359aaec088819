package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class GatheredTest {
  private final Gathered gathered = new Gathered();

  @RepeatedTest(50)
  void whatIsTakenIsWhatWasAdded(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    ByteArrayOutputStream added = new ByteArrayOutputStream();
    ByteArrayOutputStream taken = new ByteArrayOutputStream();
    for (int i = 0; i < 500; i++) {
      byte[] bytes = new byte[random.nextInt(random.nextBoolean() ? 20 : 20_000)];
      random.nextBytes(bytes);
      added.writeBytes(bytes);
      gathered.add(ByteBuffer.wrap(bytes));
      if (random.nextInt(3) == 0 && !gathered.isEmpty()) {
        if (random.nextBoolean()) {
          taken.writeBytes(gathered.takePart());
        } else {
          byte[] room = new byte[random.nextInt(10_000)];
          int count = gathered.take(room);
          taken.writeBytes(Arrays.copyOf(room, count));
        }
      }
    }
    while (!gathered.isEmpty()) {
      taken.writeBytes(gathered.takePart());
    }
    assertThat(taken.toByteArray()).isEqualTo(added.toByteArray());
  }

  @Test
  void theBytesKeepTheirOrder() {
    for (int i = 0; i < 40_000; i++) {
      gathered.add(ByteBuffer.wrap(new byte[] {(byte) i}));
    }
    int next = 0;
    while (!gathered.isEmpty()) {
      for (byte octet : gathered.takePart()) {
        assertThat(octet).isEqualTo((byte) next++);
      }
    }
    assertThat(next).isEqualTo(40_000);
  }

  @Test
  void singleBytesAreJoinedToPartsOfSixteenKibibytes() {
    for (int i = 0; i < 3 * (16 << 10); i++) {
      gathered.add(ByteBuffer.wrap(new byte[1]));
    }
    assertThat(gathered.takePart()).hasSize(16 << 10);
    assertThat(gathered.takePart()).hasSize(16 << 10);
    assertThat(gathered.takePart()).hasSize(16 << 10);
    assertThat(gathered.isEmpty()).isTrue();
  }

  @Test
  void aBufferThatWasAddedIsNotChanged() {
    ByteBuffer first = ByteBuffer.wrap(new byte[] {1, 2, 3});
    gathered.add(first);
    gathered.add(ByteBuffer.wrap(new byte[] {4}));
    assertThat(first.position()).isZero();
    assertThat(first.array()).containsExactly(1, 2, 3);
    assertThat(gathered.takePart()).containsExactly(1, 2, 3, 4);
  }
}
