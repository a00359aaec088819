package dev.lariat.fleet.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.time.Duration;
import java.util.Map;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;

class JdbcFleetTest {
  private final DataSource any = new JdbcDataSource();

  @Test
  void misuseIsRefusedAtOnceByNameValueAndRange() {
    refused(
        () -> JdbcPlacement.over(any).lease(Duration.ofMillis(1999)),
        "placement.lease: 1999 ms, allowed 2000 ms to 3600 s");
    refused(
        () -> JdbcPlacement.over(any).fleet("a b"),
        "placement.fleet: a b, allowed 1 to 100 of the characters A-Z a-z 0-9 . _ -");
    refused(
        () -> JdbcPositionStore.over(any).tables("x; drop table y"),
        "positions.tables: x; drop table y, allowed lower-case letters, digits and _, with a schema"
            + " and a dot before it");
    assertThatThrownBy(() -> JdbcPositionStore.over(null))
        .hasMessage("positions.source: null, allowed any other value");
  }

  private static void refused(Runnable misuse, String message) {
    assertThatThrownBy(misuse::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void anotherDatabaseIsRefusedByItsName() {
    unsupported(
        "MySQL", 9, "the database: MySQL 9, allowed PostgreSQL 13 or newer, and H2 2 or newer");
    unsupported(
        "PostgreSQL",
        12,
        "the database: PostgreSQL 12, allowed PostgreSQL 13 or newer, and H2 2 or newer");
  }

  private static void unsupported(String product, int version, String message) {
    DatabaseMetaData data =
        answering(
            DatabaseMetaData.class,
            Map.of("getDatabaseProductName", product, "getDatabaseMajorVersion", version));
    Connection connection = answering(Connection.class, Map.of("getMetaData", data));
    DataSource source = answering(DataSource.class, Map.of("getConnection", connection));
    assertThatThrownBy(() -> JdbcPositionStore.over(source).open(8))
        .isInstanceOfSatisfying(
            JdbcStoreException.class,
            e -> assertThat(e.problem()).isEqualTo(JdbcStoreException.Problem.UNSUPPORTED))
        .hasMessage(message);
  }

  /** Answers these methods so, and does nothing for all others. */
  private static <T> T answering(Class<T> type, Map<String, Object> answers) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> answers.get(method.getName())));
  }

  @Test
  void theGuideShowsTheTables() throws Exception {
    assertThat(Files.readString(Path.of("..", "docs", "guide", "fleet.md")))
        .contains("```sql\n" + Tables.DEFINITION + "```");
  }
}
