package dev.lariat.examples.spring;

import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.spring.LariatFeed;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class Quotes {
  private static final Logger log = LoggerFactory.getLogger(Quotes.class);

  private final Map<String, Tick> newest = new ConcurrentHashMap<>();
  private final LiveWebSocket feed;

  Quotes(@LariatFeed("quotes") LiveWebSocket feed) {
    this.feed = feed;
  }

  record Tick(String symbol, double price) {}

  @LariatFeed("quotes")
  void tick(Tick tick) {
    newest.put(tick.symbol(), tick);
  }

  @LariatFeed("quotes")
  void waiting(Waiting waiting) {
    log.warn("No quotes: {}", waiting.reason().sentence());
  }

  @GetMapping("/quotes/{symbol}")
  Tick quote(@PathVariable("symbol") String symbol) {
    return newest.get(symbol);
  }

  @PostMapping("/quotes/{symbol}")
  void subscribe(@PathVariable("symbol") String symbol) {
    feed.send(new Text("{\"op\":\"subscribe\",\"symbol\":\"" + symbol + "\"}"));
  }
}
