package dev.lariat.fleet.it;

import dev.lariat.fleet.stage.Failures;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class PekkoFailureTableTest {

  @TestFactory
  Stream<DynamicTest> everyFailureEndsAsTheGuideSays() throws IOException {
    return Failures.of(PekkoFailureTable.class, PekkoFailureTable.ROWS, 600);
  }
}
