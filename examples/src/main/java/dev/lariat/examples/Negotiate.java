package dev.lariat.examples;

import dev.lariat.option.Proxy;
import dev.lariat.option.ProxyAuthenticator;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.ietf.jgss.GSSContext;
import org.ietf.jgss.GSSException;
import org.ietf.jgss.GSSManager;
import org.ietf.jgss.GSSName;
import org.ietf.jgss.Oid;

/** Kerberos at a proxy (RFC 4559), by the GSS of the JDK: of docs/guide/proxies.md. */
public final class Negotiate implements ProxyAuthenticator.Authentication {
  private static final String SPNEGO = "1.3.6.1.5.5.2";
  private static final String SCHEME = "negotiate";

  private final GSSContext context;
  private boolean begun;

  private Negotiate(GSSContext context) {
    this.context = context;
  }

  /** The proxy, with the tickets of this process's user. */
  public static Proxy with(Proxy proxy) {
    return proxy.authenticator(Negotiate::begin);
  }

  private static Negotiate begin(String host, int port) throws GSSException {
    GSSManager manager = GSSManager.getInstance();
    GSSName proxy = manager.createName("HTTP@" + host, GSSName.NT_HOSTBASED_SERVICE);
    Oid mechanism = new Oid(SPNEGO);
    return new Negotiate(
        manager.createContext(proxy, mechanism, null, GSSContext.DEFAULT_LIFETIME));
  }

  @Override
  public Optional<String> answer(List<String> challenges) throws GSSException {
    for (String challenge : challenges) {
      String[] words = challenge.strip().split(" +", 2);
      if (words[0].toLowerCase(Locale.ROOT).equals(SCHEME)) {
        return answer(Base64.getDecoder().decode(words.length < 2 ? "" : words[1]));
      }
    }
    return Optional.empty(); // the proxy does not offer it
  }

  private Optional<String> answer(byte[] token) throws GSSException {
    if (begun && token.length == 0) {
      return Optional.empty(); // the proxy has refused the last token
    }
    begun = true;
    byte[] next = context.initSecContext(token, 0, token.length);
    return Optional.ofNullable(next)
        .map(bytes -> "Negotiate " + Base64.getEncoder().encodeToString(bytes));
  }

  @Override
  public void close() throws GSSException {
    context.dispose();
  }
}
