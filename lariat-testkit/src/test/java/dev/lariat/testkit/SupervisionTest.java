package dev.lariat.testkit;

import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Supervision;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Over sockets of this machine. */
class SupervisionTest extends SupervisionContract {
  @Override
  Origin origin(Script script) {
    return Origin.start(script);
  }

  @Override
  ConnectionOptions options() {
    return ConnectionOptions.DEFAULT;
  }

  @Override
  Supervision supervision() {
    return Supervision.DEFAULT;
  }

  @Override
  <T> T await(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  @Override
  void end(Origin origin) {
    origin.close();
  }
}
