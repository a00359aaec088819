package dev.lariat.spring;

import dev.lariat.option.Tls;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/** Spring Boot's bundles of keys and certificates, as TLS options. */
final class Secrets {
  private static final Logger LOG = System.getLogger("dev.lariat.spring");

  private final ObjectProvider<SslBundles> bundles;

  Secrets(ObjectProvider<SslBundles> bundles) {
    this.bundles = bundles;
  }

  /** The options of a bundle as it is now. */
  Tls of(String property, String name) {
    return tls(bundle(property, name));
  }

  private static Tls tls(SslBundle bundle) {
    Tls tls = Tls.DEFAULT;
    KeyStore trusted = bundle.getStores().getTrustStore();
    if (trusted != null) {
      tls = tls.trust(trusted);
    }
    KeyStore keys = bundle.getStores().getKeyStore();
    if (keys != null) {
      String password = password(bundle);
      tls = tls.identity(only(keys, bundle.getKey().getAlias(), password), password);
    }
    return tls;
  }

  /**
   * Hands over the options of the bundle whenever it changes, in the order of these calls. Options
   * that cannot be used are logged: what is in use stays.
   */
  void whenChanged(String property, String name, Consumer<Tls> user) {
    bundle(property, name); // it is there
    bundles
        .getObject()
        .addBundleUpdateHandler(
            name,
            changed -> {
              Tls tls;
              try {
                tls = tls(changed);
              } catch (RuntimeException e) {
                LOG.log(
                    Level.ERROR,
                    property + ": " + name + " has changed and cannot be used; the old one stays",
                    e);
                return;
              }
              user.accept(tls);
            });
  }

  private SslBundle bundle(String property, String name) {
    SslBundles all = bundles.getIfAvailable();
    if (all == null) {
      throw new BadPropertyException(property, name, "there are no bundles");
    }
    try {
      return all.getBundle(name);
    } catch (NoSuchSslBundleException e) {
      throw new BadPropertyException(
          property, name, "no such bundle, there are " + all.getBundleNames());
    }
  }

  private static String password(SslBundle bundle) {
    String ofKey = bundle.getKey().getPassword();
    String ofStore = bundle.getStores().getKeyStorePassword();
    return ofKey != null ? ofKey : ofStore != null ? ofStore : "";
  }

  /** The store itself, or one that has this entry alone. */
  private static KeyStore only(KeyStore keys, @Nullable String alias, String password) {
    if (alias == null) {
      return keys;
    }
    try {
      var protection = new KeyStore.PasswordProtection(password.toCharArray());
      KeyStore one = KeyStore.getInstance("PKCS12");
      one.load(null, null);
      one.setEntry(alias, keys.getEntry(alias, protection), protection);
      return one;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("the key " + alias + " cannot be read", e);
    }
  }
}
