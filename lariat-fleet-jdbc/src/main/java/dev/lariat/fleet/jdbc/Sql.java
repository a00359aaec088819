package dev.lariat.fleet.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;

/**
 * Statements over one connection, each of which commits by itself. A list is an array for the
 * database. The names of the tables begin with {@code lariat_} in the code, and with the user's
 * prefix in the database.
 */
record Sql(Connection connection, String prefix, int timeoutSeconds) {

  /** What is done with each row of an answer. */
  interface Row {
    void read(ResultSet row) throws SQLException;
  }

  /** Executes a statement, and gives how many rows it has changed. */
  int update(String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(named(sql))) {
      set(statement, parameters);
      return statement.executeUpdate();
    }
  }

  /** Executes a statement, and reads its answer. */
  void query(String sql, Row row, Object... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(named(sql))) {
      set(statement, parameters);
      try (ResultSet rows = statement.executeQuery()) {
        read(rows, row);
      }
    }
  }

  /** Executes a statement, and reads these columns of the rows that it has changed. */
  void update(String sql, String[] columns, Row row, Object... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(named(sql), columns)) {
      set(statement, parameters);
      statement.executeUpdate();
      try (ResultSet rows = statement.getGeneratedKeys()) {
        read(rows, row);
      }
    }
  }

  private String named(String sql) {
    return sql.replace(Tables.PREFIX, prefix);
  }

  private static void read(ResultSet rows, Row row) throws SQLException {
    while (rows.next()) {
      row.read(rows);
    }
  }

  private void set(PreparedStatement statement, Object... parameters) throws SQLException {
    statement.setQueryTimeout(timeoutSeconds);
    for (int i = 0; i < parameters.length; i++) {
      if (parameters[i] instanceof Collection<?> all) {
        statement.setArray(i + 1, connection.createArrayOf(type(all), all.toArray()));
      } else {
        statement.setObject(i + 1, parameters[i]);
      }
    }
  }

  /** The type of an array's elements; an empty one may have any. */
  private static String type(Collection<?> all) {
    Object first = all.isEmpty() ? "" : all.iterator().next();
    return switch (first) {
      case Integer number -> "integer";
      case Long number -> "bigint";
      default -> "varchar";
    };
  }
}
