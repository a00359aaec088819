package dev.lariat.it;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A program that tests need and that nobody here wrote, by the name of its Debian package. */
public enum Peer {
  PYTHON_WEBSOCKETS("python3-websockets", "/usr/bin/python3", "-c", "import websockets"),
  LIBWEBSOCKETS("libwebsockets-test-server", "libwebsockets-test-server"),
  NGINX("nginx-light", "nginx"),
  HAPROXY("haproxy", "haproxy"),
  H2O("h2o", "h2o"),
  CADDY("caddy", "caddy"),
  NGHTTPD("nghttp2-server", "nghttpd"),
  NGHTTPX("nghttp2-proxy", "nghttpx"),
  SQUID("squid", "squid"),
  KRB5_KDC("krb5-kdc", "krb5kdc"),
  KRB5_ADMIN("krb5-admin-server", "kadmin.local"),
  TINYPROXY("tinyproxy", "tinyproxy"),
  APACHE("apache2-bin", "apache2"),
  HYPERCORN("python3-hypercorn", "/usr/bin/python3", "-c", "import hypercorn"),
  NODE("nodejs", "node"),
  MICROSOCKS("microsocks", "microsocks"),
  DANTE("dante-server", "danted"),
  PYTHON("python3", "/usr/bin/python3"),
  CURL("curl", "curl"),
  CHROMIUM("chromium", "chromium"),
  /** Run by root only: it must be able to make a table. */
  NFTABLES("nftables", "nft", "list", "tables"),
  /** Of this system, or in a folder; see {@link Java}. */
  JAVA_21("openjdk-21-jre-headless", Java.lowest().isPresent());

  private final String debianPackage;
  private final List<String> trial;
  private final boolean present;

  Peer(String debianPackage, String... trial) {
    this.debianPackage = debianPackage;
    this.trial = List.of(trial);
    this.present = find(trial[0]) != null && (trial.length == 1 || succeeds(this.trial));
  }

  Peer(String debianPackage, boolean present) {
    this.debianPackage = debianPackage;
    this.trial = List.of();
    this.present = present;
  }

  boolean present() {
    return present;
  }

  String debianPackage() {
    return debianPackage;
  }

  /** The path of its program. */
  String program() {
    return find(trial.get(0)).toString();
  }

  // Daemons lie where a user's PATH does not look.
  private static Path find(String program) {
    return Stream.concat(
            Stream.of(System.getenv("PATH").split(File.pathSeparator)),
            Stream.of("/usr/sbin", "/sbin"))
        .map(folder -> Path.of(folder).resolve(program))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  private static boolean succeeds(List<String> command) {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
