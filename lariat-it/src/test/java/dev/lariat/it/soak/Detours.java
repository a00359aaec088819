package dev.lariat.it.soak;

import dev.lariat.it.Forward;
import dev.lariat.it.ForwardProxy;
import dev.lariat.it.Server;
import dev.lariat.message.Protocol;
import dev.lariat.option.Proxy;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Forward proxies that somebody else wrote, through which every fourth socket of a part goes: by
 * SOCKS 5, by HTTP/1.1 and by HTTP/2 in turn. Until it is calm, one after the other is killed or
 * frozen for a moment.
 */
final class Detours implements AutoCloseable {
  private static final int EVERY = 4;

  private final List<Server> servers;
  private final List<Proxy> proxies;
  private final Thread striking;
  private volatile boolean calm;

  Detours(String part, SplittableRandom random, Ledger ledger) {
    Server socks = Forward.microsocks(part + "-microsocks");
    Server http = ForwardProxy.startTinyproxy(part + "-tinyproxy");
    Server http2 = ForwardProxy.startNghttpx(part + "-nghttpx", http.port(0));
    servers = List.of(socks, http, http2);
    proxies =
        List.of(
            Proxy.of("socks5h://127.0.0.1:" + socks.port(0)),
            Proxy.of("http://127.0.0.1:" + http.port(0)),
            Proxy.of("http://127.0.0.1:" + http2.port(0)).protocols(Protocol.HTTP_2));
    striking = Thread.ofVirtual().name("strikes").start(() -> strike(random, ledger));
  }

  /** What this socket of the part goes through: one proxy, or nothing. */
  List<Proxy> of(int socket) {
    return socket % EVERY == EVERY - 1
        ? List.of(proxies.get(socket / EVERY % proxies.size()))
        : List.of();
  }

  private void strike(SplittableRandom random, Ledger ledger) {
    try {
      while (!calm) {
        Part.pause(Part.moment(random, 500, 4000));
        Server server = servers.get(random.nextInt(servers.size()));
        if (random.nextInt(3) == 0) {
          server.freeze();
          Part.pause(Part.moment(random, 100, 6000)); // longer than a dead peer lives, at times
          server.thaw();
          ledger.count("proxies frozen");
        } else {
          server.kill();
          Part.pause(Part.moment(random, 0, 500));
          server.restart();
          ledger.count("proxies killed");
        }
      }
    } catch (InterruptedException e) {
      // the part has broken, and says why
    }
  }

  /** Strikes nothing more; all proxies run when this returns. */
  void calm() throws InterruptedException {
    calm = true;
    striking.join();
  }

  @Override
  public void close() {
    striking.interrupt();
    servers.forEach(Server::close);
  }
}
