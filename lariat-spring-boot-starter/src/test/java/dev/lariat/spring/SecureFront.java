package dev.lariat.spring;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** TLS in front of an origin that has none: it demands a certificate, and trusts one alone. */
final class SecureFront implements AutoCloseable {
  private static final char[] PASSWORD = "none".toCharArray();
  private static final Duration VALID = Duration.ofDays(1);

  /** A certificate that signs itself, and its key. */
  record Issued(X509Certificate certificate, KeyPair keys) {

    static Issued to(String name) throws Exception {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair keys = generator.generateKeyPair();
      Instant now = Instant.now();
      X500Name subject = new X500Name("CN=" + name);
      var builder =
          new JcaX509v3CertificateBuilder(
              subject,
              BigInteger.valueOf(System.nanoTime()).abs(),
              Date.from(now.minus(VALID)),
              Date.from(now.plus(VALID)),
              subject,
              keys.getPublic());
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")));
      return new Issued(
          new JcaX509CertificateConverter()
              .getCertificate(
                  builder.build(
                      new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))),
          keys);
    }

    /** Writes both into one file, which is replaced at once. */
    void write(Path file) throws Exception {
      Path whole = Files.createTempFile(file.getParent(), "whole", ".pem");
      Files.writeString(
          whole,
          pem("CERTIFICATE", certificate.getEncoded())
              + pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
      Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String pem(String what, byte[] bytes) {
      var lines = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
      return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
          .formatted(what, lines.encodeToString(bytes), what);
    }
  }

  /** The names in the certificates that clients have shown, and of those that have left. */
  final BlockingQueue<String> shown = new LinkedBlockingQueue<>();

  final BlockingQueue<String> left = new LinkedBlockingQueue<>();

  private final Issued own;
  private final int port; // of the origin
  private final ServerSocket server;
  private volatile SSLContext context;

  SecureFront(int port, Issued trusted) throws Exception {
    this.own = Issued.to("Front");
    this.port = port;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.context = context(trusted);
    Thread.ofVirtual().start(this::accept);
  }

  Issued own() {
    return own;
  }

  String uri(String scheme) {
    return scheme + "://127.0.0.1:" + server.getLocalPort() + "/";
  }

  /** New connections have to show this certificate from now on, and no other. */
  void trust(Issued trusted) throws Exception {
    context = context(trusted);
  }

  private SSLContext context(Issued trusted) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    keys.setKeyEntry(
        "own", own.keys().getPrivate(), PASSWORD, new Certificate[] {own.certificate()});
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD);
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    trust.setCertificateEntry("client", trusted.certificate());
    TrustManagerFactory trusting =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusting.init(trust);
    SSLContext made = SSLContext.getInstance("TLS");
    made.init(managers.getKeyManagers(), trusting.getTrustManagers(), null);
    return made;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket socket) {
    try (SSLSocket secure =
            (SSLSocket) context.getSocketFactory().createSocket(socket, null, true);
        Socket origin = new Socket(InetAddress.getLoopbackAddress(), port)) {
      secure.setUseClientMode(false);
      secure.setNeedClientAuth(true);
      secure.startHandshake();
      String name = secure.getSession().getPeerPrincipal().getName();
      shown.add(name);
      Thread back = Thread.ofVirtual().start(() -> pass(origin, secure));
      pass(secure, origin);
      back.join();
      left.add(name);
    } catch (IOException e) {
      // a certificate that is not trusted: the client is told by the alert
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Passes on what comes, until one of them ends; then both do. */
  private static void pass(Socket from, Socket to) {
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    } catch (IOException e) {
      // the other one has ended
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
