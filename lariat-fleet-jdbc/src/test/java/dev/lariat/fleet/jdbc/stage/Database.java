package dev.lariat.fleet.jdbc.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lariat.fleet.stage.EventStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A database server of its own process, with a folder of its own. It does not outlive this JVM. */
public abstract class Database implements EventStore, AutoCloseable {
  // A watcher reads a pipe that only this JVM holds: when the JVM ends, so does the server.
  private static final String TIED =
      "exec 3<&0; (cat <&3 >/dev/null; kill -INT $$ 2>/dev/null) & exec \"$@\" 3<&- </dev/null";
  private static final int READY_SECONDS = 30;
  public static final String USER = "lariat";

  final Path folder;
  final int port;
  private Process process;

  private Database(Path folder, int port) {
    this.folder = folder;
    this.port = port;
  }

  /** Of the server at this port, which may be another one in front of it. */
  public abstract DataSource source(int itsPort);

  abstract List<String> command();

  /** Of this server. */
  public final DataSource source() {
    return source(port);
  }

  /** A name for a fleet that no other test has. */
  public static String fleet() {
    return "fleet-" + UUID.randomUUID();
  }

  @Override
  public final void execute(String sql) throws SQLException {
    try (Connection connection = source().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public final int port() {
    return port;
  }

  @Override
  public final Connection connect() throws SQLException {
    return source().getConnection();
  }

  @Override
  public final void start() {
    List<String> tied = new ArrayList<>(List.of("/bin/sh", "-c", TIED, "sh"));
    tied.addAll(command());
    try {
      process =
          new ProcessBuilder(tied)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("printed").toFile()))
              .start();
      awaitReady();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitReady() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
    SQLException last = new SQLException("it has ended");
    while (System.nanoTime() < end && !process.waitFor(20, TimeUnit.MILLISECONDS)) {
      try (Connection connection = source().getConnection()) {
        assertThat(connection.isValid(1)).isTrue();
        return;
      } catch (SQLException e) {
        last = e;
      }
    }
    throw new IllegalStateException("the database does not start", last);
  }

  @Override
  public final void stop() {
    try {
      String pid = Long.toString(process.pid());
      new ProcessBuilder("/bin/kill", "-INT", pid).start().waitFor(); // PostgreSQL waits for none
      process.waitFor();
    } catch (InterruptedException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    stop();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private static <D extends Database> D started(D database) {
    database.start();
    Runtime.getRuntime().addShutdownHook(new Thread(database::close));
    return database;
  }

  // ---- PostgreSQL

  private static final class PostgreSql extends Database {
    static final PostgreSql SERVER = started(create());

    private final Path programs;

    private PostgreSql(Path programs, Path folder, int port) {
      super(folder, port);
      this.programs = programs;
    }

    private static PostgreSql create() {
      try {
        Path programs = programs();
        boolean present = programs != null;
        if (!present && System.getenv("LARIAT_REQUIRE_SERVERS") != null) {
          throw new IllegalStateException("PostgreSQL is not installed");
        }
        assumeTrue(present, "PostgreSQL is not installed");
        Path folder = Files.createTempDirectory("lariat-postgresql");
        if (isRoot()) {
          run(List.of("chown", "postgres", folder.toString()));
        }
        PostgreSql server = new PostgreSql(programs, folder, freePort());
        run(
            server.asUser(
                programs.resolve("initdb").toString(),
                "--pgdata=" + folder.resolve("data"),
                "--username=" + USER,
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync"));
        Files.writeString(
            folder.resolve("data").resolve("pg_hba.conf"),
            "host all all 127.0.0.0/8 trust\n", // processes may have addresses of their own
            StandardOpenOption.APPEND);
        return server;
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    /** Debian's folder of the newest version; null if there is none. */
    private static Path programs() throws IOException {
      Path all = Path.of("/usr/lib/postgresql");
      if (!Files.isDirectory(all)) {
        return null;
      }
      try (Stream<Path> versions = Files.list(all)) {
        return versions
            .map(version -> version.resolve("bin"))
            .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
            .max(Comparator.comparing(Path::toString))
            .orElse(null);
      }
    }

    private static boolean isRoot() {
      return System.getProperty("user.name").equals("root");
    }

    /** PostgreSQL does not run as root. */
    private List<String> asUser(String... command) {
      List<String> all = new ArrayList<>();
      if (isRoot()) {
        all.addAll(
            List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"));
      }
      all.addAll(List.of(command));
      return all;
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
      Process process =
          new ProcessBuilder(command)
              .directory(new java.io.File("/"))
              .redirectErrorStream(true)
              .start();
      String printed = new String(process.getInputStream().readAllBytes());
      assertThat(process.waitFor()).as("%s printed %s", command, printed).isZero();
    }

    @Override
    List<String> command() {
      return asUser(
          programs.resolve("postgres").toString(),
          "-D",
          folder.resolve("data").toString(),
          "-p",
          Integer.toString(port),
          "-k",
          folder.toString(),
          "-c",
          "fsync=off",
          "-c",
          "listen_addresses=127.0.0.1");
    }

    @Override
    public DataSource source(int itsPort) {
      PGSimpleDataSource source = new PGSimpleDataSource();
      source.setUrl("jdbc:postgresql://127.0.0.1:" + itsPort + "/postgres");
      source.setUser(USER);
      return source;
    }
  }

  /** The PostgreSQL server of this JVM. */
  public static Database postgreSql() {
    return PostgreSql.SERVER;
  }

  // ---- H2

  private static final class H2 extends Database {
    static final H2 SERVER = started(create());

    private H2(Path folder, int port) {
      super(folder, port);
    }

    private static H2 create() {
      try {
        return new H2(Files.createTempDirectory("lariat-h2"), freePort());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    List<String> command() {
      String jar =
          org.h2.Driver.class.getProtectionDomain().getCodeSource().getLocation().getPath();
      return List.of(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "-XX:+UseSerialGC",
          "-cp",
          jar,
          "org.h2.tools.Server",
          "-tcp",
          "-tcpPort",
          Integer.toString(port),
          "-baseDir",
          folder.toString(),
          "-ifNotExists");
    }

    @Override
    public DataSource source(int itsPort) {
      JdbcDataSource source = new JdbcDataSource();
      source.setURL("jdbc:h2:tcp://127.0.0.1:" + itsPort + "/./fleet");
      source.setUser(USER);
      return source;
    }
  }

  /** The H2 server of this JVM. */
  public static Database h2() {
    return H2.SERVER;
  }
}
