package dev.lariat.spring;

import static dev.lariat.spring.Setting.set;

import dev.lariat.client.Client;
import dev.lariat.client.HttpCache;
import dev.lariat.cookie.store.CookieJar;
import dev.lariat.message.Protocol;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.PoolOptions;
import dev.lariat.option.Proxy;
import dev.lariat.option.Redirects;
import dev.lariat.option.RequestRetry;
import java.util.List;
import java.util.Optional;

/** Makes the client of its properties. */
final class Clients {
  private static final String AT = "lariat.client.";

  private final Secrets secrets;
  private final List<ConnectionCustomizer> connections;
  private final List<PoolCustomizer> pools;

  Clients(Secrets secrets, List<ConnectionCustomizer> connections, List<PoolCustomizer> pools) {
    this.secrets = secrets;
    this.connections = connections;
    this.pools = pools;
  }

  Client open(LariatProperties.Client its) {
    Client client = Client.open(pool(its));
    try {
      String bundle = its.ssl().bundle();
      if (bundle != null) {
        secrets.whenChanged(
            AT + "ssl.bundle",
            bundle,
            tls -> pool(its).connection().tls().ifPresent(client::renew)); // as customized
      }
      return withSettings(client, its);
    } catch (RuntimeException e) {
      client.close();
      throw e;
    }
  }

  private static Client withSettings(Client plain, LariatProperties.Client its) {
    Client client = set(plain, AT + "timeout", its.timeout(), Client::timeout);
    client =
        set(
            client,
            AT + "user-agent",
            its.userAgent(),
            (old, agent) -> old.userAgent(agent.isEmpty() ? Optional.empty() : Optional.of(agent)));
    client = set(client, AT + "decompress", its.decompress(), Client::decompress);
    if (its.redirects()) {
      client = client.redirects(Redirects.DEFAULT);
    }
    if (its.retry()) {
      client = client.retry(RequestRetry.DEFAULT);
    }
    return set(
        client,
        AT + "cache",
        its.cache(),
        (old, size) -> old.cache(HttpCache.inMemory(size.toBytes())));
  }

  private PoolOptions pool(LariatProperties.Client its) {
    PoolOptions pool = PoolOptions.DEFAULT.connection(connection(its));
    pool = set(pool, AT + "connections", its.connections(), PoolOptions::connections);
    pool = set(pool, AT + "total", its.total(), PoolOptions::total);
    pool = set(pool, AT + "waiting", its.waiting(), PoolOptions::waiting);
    pool = set(pool, AT + "idle", its.idle(), PoolOptions::idle);
    pool = set(pool, AT + "age", its.age(), PoolOptions::age);
    for (PoolCustomizer customizer : pools) {
      pool = customizer.customize(pool);
    }
    return pool;
  }

  private ConnectionOptions connection(LariatProperties.Client its) {
    ConnectionOptions options = ConnectionOptions.DEFAULT;
    String bundle = its.ssl().bundle();
    if (bundle != null) {
      options = options.tls(secrets.of(AT + "ssl.bundle", bundle));
    }
    if (its.cookies()) {
      options = options.cookies(CookieJar.create());
    }
    if (its.http2()) {
      // In this order, servers without TLS get HTTP/1.1. Those with TLS choose by their own order.
      options = options.protocols(Protocol.HTTP_1_1, Protocol.HTTP_2);
    }
    options = set(options, AT + "proxy", its.proxy(), (old, proxy) -> old.via(Proxy.of(proxy)));
    for (ConnectionCustomizer customizer : connections) {
      options = customizer.customize(options);
    }
    return options;
  }
}
