package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.live.LiveEvents;
import dev.lariat.message.*;
import dev.lariat.option.Backoff;
import dev.lariat.option.Classifier;
import dev.lariat.option.Classifier.Verdict;
import dev.lariat.option.Content;
import dev.lariat.option.Credentials;
import dev.lariat.option.EventOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.Request;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The answers of a language model, token by token: the programs of docs/guide/llm-streams.md. */
public final class Completions {
  private static final Duration FIRST = Duration.ofMinutes(2); // until the response begins
  private static final Duration NEXT = Duration.ofSeconds(60); // until the next event

  private Completions() {}

  /** Gives the data of each event to the sink, and returns when the answer is complete. */
  static void stream(Connection connection, Request prompt, Consumer<String> sink) {
    Exchange exchange = connection.request(prompt.content(Content.EVENTS));
    Response response = exchange.response(FIRST);
    if (response.status() != 200) {
      throw new IllegalStateException(response.status() + ": " + exchange.text(NEXT));
    }
    try (Stream<ServerSentEvent> events = exchange.events(NEXT)) {
      Iterator<ServerSentEvent> each = events.iterator();
      while (each.hasNext()) {
        String data = each.next().data();
        if (data.equals("[DONE]")) {
          return;
        }
        sink.accept(data);
      }
    }
    throw new IllegalStateException("the answer ended before [DONE]");
  }

  /** The same, but leaves the connection to the next request: it reads on after [DONE]. */
  static void streamToItsEnd(Connection connection, Request prompt, Consumer<String> sink) {
    Exchange exchange = connection.request(prompt.content(Content.EVENTS));
    try (Stream<ServerSentEvent> events = exchange.events(NEXT)) {
      events.map(ServerSentEvent::data).filter(data -> !data.equals("[DONE]")).forEach(sink);
    }
  }

  /** The request, whose body is the JSON that your service wants, with {@code "stream": true}. */
  static Request prompt(String path, String key, String json) {
    return Request.of("POST", path)
        .credentials(Credentials.bearer(key))
        .header("content-type", "application/json")
        .body(Bytes.ofUtf8(json));
  }

  /** The same, but tries again as long as the server cannot have begun to answer. */
  static void streamPatiently(String uri, Request prompt, Consumer<String> sink) {
    EventOptions options =
        EventOptions.DEFAULT
            .answer(FIRST)
            .between(NEXT)
            .comments(true) // a comment is a sign of life, too
            .healing(
                Healing.DEFAULT
                    .retry(Backoff.DEFAULT.attempts(5))
                    .classifier(Completions::beforeTheFirstEvent));
    try (LiveEvents answer = LiveEvents.to(uri).request(prompt).options(options).open()) {
      for (ServerSentEvent event : answer) {
        if (event.data().equals("[DONE]")) {
          return;
        }
        sink.accept(event.data());
      }
    }
  }

  private static final Set<Reason.Step> CONNECTING =
      EnumSet.of(Reason.Step.LOOKUP, Reason.Step.CONNECT, Reason.Step.PROXY, Reason.Step.TLS);

  /** Retries what was refused and what never left this machine, and nothing else. */
  private static Verdict beforeTheFirstEvent(Reason reason) {
    return switch (reason) {
      case Reason.Status status -> Classifier.DEFAULT.of(status); // 408, 425, 429, 5xx: retried
      case Reason.Hop hop -> Classifier.DEFAULT.of(hop); // nothing went past the proxy
      case Reason.Refused refused -> Verdict.RETRY;
      case Reason.Unreachable unreachable -> Verdict.RETRY;
      case Reason.Unresolved unresolved -> Verdict.RETRY;
      case Reason.Timeout timeout when CONNECTING.contains(timeout.step()) -> Verdict.RETRY;
      default -> Verdict.END;
    };
  }
}
