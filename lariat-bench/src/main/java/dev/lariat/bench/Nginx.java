package dev.lariat.bench;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** nginx as one process without a master, all of whose files are in one directory. */
record Nginx(Path directory, Setup setup) {

  /** It does not take a body without a file to put it in, and answers nobody late. */
  static boolean serves(Workload workload) {
    return workload.http
        && !workload.multiplexed
        && !workload.isOfProxies()
        && workload != Workload.HTTP_UPLOAD
        && workload != Workload.HTTP_IDLE;
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
      setup.certificate(directory);
    }
    String program = Programs.find("nginx").orElseThrow().toString();
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
}
