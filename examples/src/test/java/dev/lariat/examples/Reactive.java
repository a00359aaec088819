package dev.lariat.examples;

import dev.lariat.client.Client;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Bytes;
import dev.lariat.message.Frame;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Text;
import dev.lariat.option.Request;
import io.reactivex.rxjava3.core.Flowable;
import io.smallrye.mutiny.Multi;
import java.util.List;
import java.util.concurrent.Flow;
import org.reactivestreams.FlowAdapters;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.Flux;

/** Lariat's publishers in the libraries for reactive code. */
final class Reactive {
  private Reactive() {}

  static Flux<Frame> flux(LiveWebSocket feed) {
    return JdkFlowAdapter.flowPublisherToFlux(feed.publish());
  }

  static Flowable<Frame> flowable(LiveWebSocket feed) {
    return Flowable.fromPublisher(FlowAdapters.toPublisher(feed.publish()));
  }

  static Multi<Frame> multi(LiveWebSocket feed) {
    return Multi.createFrom().publisher(feed.publish());
  }

  static List<String> threeTexts(LiveWebSocket feed) {
    return JdkFlowAdapter.flowPublisherToFlux(feed.publish())
        .ofType(Text.class)
        .map(Text::text)
        .take(3)
        .collectList()
        .block();
  }

  static Multi<String> data(LiveEvents feed) {
    Flow.Publisher<ServerSentEvent> events = feed.publish();
    return Multi.createFrom().publisher(events).map(ServerSentEvent::data);
  }

  static Flux<Bytes> body(Client client, String url) {
    return JdkFlowAdapter.flowPublisherToFlux(client.publish(url, Request.of("GET", "/")));
  }
}
