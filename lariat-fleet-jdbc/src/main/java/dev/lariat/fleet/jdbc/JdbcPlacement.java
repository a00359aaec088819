package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.Placement;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * Shares the slots of a fleet among its nodes by leases in a database, PostgreSQL or H2. A node
 * renews its leases every sixth of their length, or each second. If it dies, the others take its
 * slots when its leases are over.
 *
 * <p>A node that cannot reach the database closes its feeds half a second before its leases are
 * over there. So no feed is open on two nodes, as long as all clocks run at the same speed; what
 * the time of day is on each node does not matter. While the database is away, all feeds are
 * closed. A node takes slots again as soon as it reaches the database, so it never says {@code
 * NodeEnded}.
 *
 * <pre>{@code
 * FleetOptions options =
 *     FleetOptions.DEFAULT.placement(JdbcPlacement.over(dataSource).fleet("prices"));
 * try (Fleet fleet =
 *     Fleet.open(JdbcPositionStore.over(dataSource).fleet("prices"), sink, options)) {
 *   …
 * }
 * }</pre>
 *
 * <p>It keeps one connection. It makes its tables itself, if the user may do that.
 */
public final class JdbcPlacement implements Placement {
  private static final Duration SHORTEST = Duration.ofSeconds(2);
  private static final Duration LONGEST = Duration.ofHours(1);

  private final JdbcFleet fleet;
  private final Duration lease;
  private final String node;

  private JdbcPlacement(JdbcFleet fleet, Duration lease, String node) {
    this.fleet = fleet;
    this.lease = lease;
    this.node = node;
  }

  /**
   * {@return a placement by leases of 6 seconds}
   *
   * @param source the database. The driver is yours
   */
  public static JdbcPlacement over(DataSource source) {
    return new JdbcPlacement(JdbcFleet.of("placement", source), Duration.ofSeconds(6), host());
  }

  private static String host() {
    try {
      String host = InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9._-]", "-");
      return host.substring(0, Math.min(host.length(), 100));
    } catch (UnknownHostException e) {
      return "node";
    }
  }

  /**
   * Sets how long a lease lasts: 2 seconds to 1 hour, 6 seconds by default. When a node dies, its
   * feeds are away for that long and about a second more. All nodes should have the same.
   *
   * @param lease the length
   * @return a copy with this value
   * @throws IllegalArgumentException if it is out of range
   */
  public JdbcPlacement lease(Duration lease) {
    Allowed.range("placement.lease", lease, SHORTEST, LONGEST);
    return new JdbcPlacement(fleet, lease, node);
  }

  /**
   * Sets the name of the fleet, {@code fleet} by default. Several fleets can share the tables.
   *
   * @param name 1 to 100 letters, digits, dots, hyphens and underscores
   * @return a copy with this value
   * @throws IllegalArgumentException if it is another text
   */
  public JdbcPlacement fleet(String name) {
    return new JdbcPlacement(fleet.name(name), lease, node);
  }

  /**
   * Sets the prefix of the names of the tables, {@code lariat_} by default. It may begin with a
   * schema and a dot.
   *
   * @param prefix lower-case letters, digits and underscores
   * @return a copy with this value
   * @throws IllegalArgumentException if it is another text
   */
  public JdbcPlacement tables(String prefix) {
    return new JdbcPlacement(fleet.tables(prefix), lease, node);
  }

  /**
   * Sets the name of this node as people see it, its host's by default. The fleet adds a hyphen and
   * a random end, since each start of a process is another node.
   *
   * @param name 1 to 100 letters, digits, dots, hyphens and underscores
   * @return a copy with this value
   * @throws IllegalArgumentException if it is another text
   */
  public JdbcPlacement node(String name) {
    return new JdbcPlacement(fleet, lease, Allowed.name("placement.node", name));
  }

  /**
   * {@inheritDoc}
   *
   * @throws JdbcStoreException if the database cannot be used, or the fleet has another number of
   *     slots there
   * @see FleetOptions#placement
   */
  @Override
  public Membership join(int slots, Node node) throws IOException {
    StoreThread store = fleet.open("lariat-fleet-lease-store", lease.dividedBy(3), slots).store();
    String name = this.node + "-" + UUID.randomUUID().toString().substring(0, 8);
    Leases leases = new Leases(fleet.name(), lease);
    LeaseLoop loop = new LeaseLoop(name, slots, lease, leases, store, node);
    loop.begin();
    return loop;
  }

  @Override
  public boolean shared() {
    return true;
  }
}
