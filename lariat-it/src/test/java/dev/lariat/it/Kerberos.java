package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.AppConfigurationEntry.LoginModuleControlFlag;
import javax.security.auth.login.Configuration;

/**
 * A realm of Kerberos in a folder: its key distribution center, the key of a user and that of a
 * squid that asks for it. This JVM is the user.
 */
final class Kerberos implements AutoCloseable {
  private static final String USER = "user@LARIAT.TEST";
  private static final String SERVICE = "HTTP/localhost@LARIAT.TEST";

  private final Server center;
  private final Server squid;

  private Kerberos(Server center, Server squid) {
    this.center = center;
    this.squid = squid;
  }

  static Kerberos start() {
    Path folder = folder();
    Map<String, Object> files = Servers.values(List.of());
    files.put("kerberos", folder);
    Path keys = folder.resolve("squid.keytab");
    Path mine = folder.resolve("user.keytab");
    Server center =
        Server.start(
            "krb5kdc",
            1,
            ports -> {
              files.putAll(Servers.values(ports));
              Server.file("proxies/krb5.conf", "krb5.conf", files);
              Server.file("proxies/kdc.conf", "kdc.conf", files);
              if (!Files.exists(folder.resolve("principal"))) {
                run("kdb5_util", "create", "-s", "-r", "LARIAT.TEST", "-P", "secret");
                run("kadmin.local", "-q", "addprinc -randkey " + USER);
                run("kadmin.local", "-q", "addprinc -randkey " + SERVICE);
                run("kadmin.local", "-q", "ktadd -k " + mine + " " + USER);
                run("kadmin.local", "-q", "ktadd -k " + keys + " " + SERVICE);
              }
              return withFiles(Peer.KRB5_KDC.program(), "-n");
            });
    readable(keys);
    files.put("keytab", keys);
    Server squid =
        Server.start(
            "squid-negotiate",
            1,
            ports -> {
              files.putAll(Servers.values(ports));
              Path conf =
                  Server.file("proxies/negotiate-squid.conf", "squid-negotiate.conf", files);
              String service = "lariat" + ports.getFirst();
              return withFiles(
                  Peer.SQUID.program(),
                  "-N",
                  "-n",
                  service,
                  "-f",
                  conf.toAbsolutePath().toString());
            });
    System.setProperty("java.security.krb5.conf", file("krb5.conf"));
    System.setProperty("javax.security.auth.useSubjectCredsOnly", "false");
    Configuration.setConfiguration(login(mine));
    return new Kerberos(center, squid);
  }

  /** The port of the squid. */
  int port() {
    return squid.port(0);
  }

  @Override
  public void close() {
    squid.close();
    center.close();
  }

  private static Configuration login(Path keys) {
    Map<String, String> options =
        Map.of(
            "useKeyTab",
            "true",
            "keyTab",
            keys.toString(),
            "principal",
            USER,
            "doNotPrompt",
            "true");
    return new Configuration() {
      @Override
      public AppConfigurationEntry[] getAppConfigurationEntry(String name) {
        return new AppConfigurationEntry[] {
          new AppConfigurationEntry(
              "com.sun.security.auth.module.Krb5LoginModule",
              LoginModuleControlFlag.REQUIRED,
              options)
        };
      }
    };
  }

  private static String file(String name) {
    return Server.FOLDER.resolve(name).toAbsolutePath().toString();
  }

  /** This command, which finds its configuration in the folder and keeps no replay cache. */
  private static List<String> withFiles(String... command) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "/usr/bin/env",
                "KRB5_CONFIG=" + file("krb5.conf"),
                "KRB5_KDC_PROFILE=" + file("kdc.conf"),
                "KRB5RCACHENAME=none:"));
    all.addAll(List.of(command));
    return all;
  }

  private static void run(String program, String... arguments) {
    List<String> command = withFiles("/usr/sbin/" + program);
    command.addAll(List.of(arguments));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String printed = new String(process.getInputStream().readAllBytes());
      assertThat(process.waitFor()).as(printed).isZero();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path folder() {
    try {
      return Files.createDirectories(Server.FOLDER.resolve("kerberos").toAbsolutePath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Squid reads it as another user. */
  private static void readable(Path file) {
    try {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
