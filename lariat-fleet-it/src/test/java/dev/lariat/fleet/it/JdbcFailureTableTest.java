package dev.lariat.fleet.it;

import dev.lariat.fleet.stage.Failures;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class JdbcFailureTableTest {

  @TestFactory
  Stream<DynamicTest> everyFailureEndsAsTheGuideSays() throws IOException {
    return Failures.of(JdbcFailureTable.class, JdbcFailureTable.ROWS, 3000);
  }
}
