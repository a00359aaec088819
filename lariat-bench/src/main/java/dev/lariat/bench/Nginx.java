package dev.lariat.bench;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** nginx as one process without a master, all of whose files are in one directory. */
record Nginx(Path directory, Setup setup) {

  /** Where it is, if it is there. */
  static Optional<Path> program() {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.concat(Stream.of(path.split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
        .map(folder -> Path.of(folder, "nginx"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** It does not take a body without a file to put it in, and answers nobody late. */
  static boolean serves(Workload workload) {
    return workload.http && workload != Workload.HTTP_UPLOAD && workload != Workload.HTTP_IDLE;
  }

  List<String> command(int port) throws Exception {
    Files.createDirectories(directory);
    Path configuration = Files.writeString(directory.resolve("nginx.conf"), configuration(port));
    if (setup.workload() == Workload.HTTP_DOWNLOAD) {
      try (RandomAccessFile large =
          new RandomAccessFile(directory.resolve("large").toFile(), "rw")) {
        large.setLength(setup.large()); // a hole: no disk is read
      }
    }
    if (setup.workload().tls) {
      certificate();
    }
    String program = program().orElseThrow().toString();
    return List.of(program, "-p", directory.toString(), "-c", configuration.toString());
  }

  /** Handshakes are whole ones: no client can resume a session. */
  private String configuration(int port) {
    String small = "default_type text/plain; return 200 \"" + "x".repeat(128) + "\";";
    String tls =
        """
        ssl_certificate certificate.pem;
            ssl_certificate_key key.pem;
            ssl_protocols TLSv1.2 TLSv1.3;
            ssl_session_cache off;
            ssl_session_tickets off;\
        """;
    return """
    daemon off;
    master_process off;
    worker_processes 1;
    pid nginx.pid;
    error_log stderr error;
    events {
      worker_connections 8192;
    }
    http {
      access_log off;
      client_body_temp_path body;
      proxy_temp_path proxy;
      fastcgi_temp_path fastcgi;
      uwsgi_temp_path uwsgi;
      scgi_temp_path scgi;
      sendfile on;
      keepalive_timeout 1h;
      keepalive_requests 1000000000;
      open_file_cache max=16;
      server {
        listen 127.0.0.1:%d%s backlog=4096;
        %s
        root .;
        location = /small { %s }
        location = /close { keepalive_timeout 0; %s }
        location = /large { }
      }
    }
    """
        .formatted(
            port,
            setup.workload().tls ? " ssl" : "",
            setup.workload().tls ? tls : "",
            small,
            small);
  }

  /** Writes the server's key and certificate in the form that nginx reads. */
  private void certificate() throws Exception {
    KeyStore store = setup.keyStore();
    String alias = store.aliases().nextElement();
    byte[] key = store.getKey(alias, Setup.PASSWORD.toCharArray()).getEncoded();
    pem("key.pem", "PRIVATE KEY", key);
    pem("certificate.pem", "CERTIFICATE", store.getCertificate(alias).getEncoded());
  }

  private void pem(String file, String kind, byte[] bytes) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    String rule = "-----%s " + kind + "-----\n";
    Files.writeString(
        directory.resolve(file), rule.formatted("BEGIN") + text + "\n" + rule.formatted("END"));
  }
}
