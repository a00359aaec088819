package dev.lariat.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Reason;
import org.jspecify.annotations.Nullable;

/** Keeps what became of something that was sent. */
public final class Followed implements Fate {
  private boolean written;
  private @Nullable Reason lost;

  @Override
  public void written() {
    assertThat(lost).as("lost before it was written").isNull();
    written = true;
  }

  @Override
  public void lost(Reason reason) {
    if (!written && lost == null) { // the first call counts
      lost = reason;
    }
  }

  /** Whether it was written. */
  public boolean isWritten() {
    return written;
  }

  /** Why it was not, if it is known that it will not be. */
  public @Nullable Reason lost() {
    return lost;
  }

  /** Whether nothing became of it yet. */
  public boolean isOpen() {
    return !written && lost == null;
  }
}
