package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.FleetProvider;
import dev.lariat.fleet.Placement;
import dev.lariat.fleet.PositionStore;
import java.io.IOException;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Placement and positions in the database of a {@code jdbc:} URL, for programs such as {@code
 * lariat fleet --join}. The driver has to be on the class path. The fleet has its default name and
 * tables.
 */
public final class JdbcProvider implements FleetProvider {

  /** A provider, as {@link java.util.ServiceLoader} makes one. */
  public JdbcProvider() {}

  @Override
  public String scheme() {
    return "jdbc";
  }

  @Override
  public Optional<Placement> placement(String uri) throws IOException {
    return Optional.of(JdbcPlacement.over(source(uri)));
  }

  @Override
  public Optional<PositionStore> positions(String uri) throws IOException {
    return Optional.of(JdbcPositionStore.over(source(uri)));
  }

  private static DataSource source(String url) throws IOException {
    try {
      DriverManager.getDriver(url);
    } catch (SQLException e) { // whose own words do not say what is missing
      throw new IOException("no driver on the class path takes this " + product(url) + " URL", e);
    }
    return new UrlSource(url);
  }

  /** What the URL says before anything that could be a password. */
  private static String product(String url) {
    int end = url.indexOf(':', "jdbc:".length());
    return end < 0 ? "jdbc:" : url.substring(0, end + 1);
  }
}
