package dev.lariat.testkit;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.option.ConnectionOptions;

/** An origin on a port of 127.0.0.1. */
class LocalOriginTest extends OriginContract {
  @Override
  Origin origin(Script... scripts) {
    return Origin.start(scripts);
  }

  @Override
  ConnectionOptions options(ConnectionOptions options) {
    return options;
  }

  @Override
  Connection open(Origin origin, ConnectionOptions options) {
    return Lariat.open(origin.uri("http", "/"), options);
  }

  @Override
  void end(Origin origin) {
    origin.close();
  }

  @Override
  long nanos() {
    return System.nanoTime();
  }
}
