package dev.lariat.cli;

import java.time.Duration;
import java.util.List;

/** A row of a picture: what it shows, and its bars from left to right. */
record Row(String label, List<Span> bars) {
  /** The same, earlier by this time. */
  Row earlier(Duration by) {
    return new Row(label, bars.stream().map(bar -> bar.earlier(by)).toList());
  }

  JsonObject json() {
    return new JsonObject()
        .with("label", label)
        .with("bars", bars.stream().map(Span::json).toList());
  }
}
