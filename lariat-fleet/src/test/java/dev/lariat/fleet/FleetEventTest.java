package dev.lariat.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FleetEventTest {
  @Test
  void everyEventIsASentence() {
    Reason reason = new Reason.OwnerClosed();
    IOException cause = new IOException("full");
    Map<FleetEvent, String> sentences = new LinkedHashMap<>();
    sentences.put(new FleetEvent.SlotTaken(3, 5), "This node has slot 3, epoch 5.");
    sentences.put(new FleetEvent.SlotLeft(3, 5), "This node has left slot 3, epoch 5.");
    sentences.put(new FleetEvent.SlotComing(3), "This node prepares to get slot 3.");
    sentences.put(new FleetEvent.SlotStandBy(3), "This node stands by for slot 3.");
    sentences.put(
        new FleetEvent.StandByEnded("btc", reason),
        "The stand-by of btc on this node has ended: " + reason.sentence());
    sentences.put(
        new FleetEvent.SlotLost(3, 5, FleetEvent.Loss.PLACEMENT),
        "This node has lost slot 3, epoch 5: the placement has taken it away, or could not confirm"
            + " it in time.");
    sentences.put(
        new FleetEvent.SlotLost(3, 5, FleetEvent.Loss.REFUSED),
        "This node has lost slot 3, epoch 5: the store or the sink knows a newer owner.");
    sentences.put(
        new FleetEvent.SlotLost(3, 5, FleetEvent.Loss.UNSAVED),
        "This node has lost slot 3, epoch 5: its last positions could not be stored in time.");
    sentences.put(
        new FleetEvent.NodeEnded("10.0.0.1:7355", "the cluster has removed it"),
        "The node 10.0.0.1:7355 has ended: the cluster has removed it.");
    sentences.put(new FleetEvent.FeedOpen("btc", 2), "btc is open, session 2.");
    sentences.put(
        new FleetEvent.FeedWaiting("btc", 4, Duration.ofMillis(250), reason),
        "btc waits 250 ms for attempt 4: " + reason.sentence());
    sentences.put(
        new FleetEvent.FeedWaiting("btc", 9, Duration.ofSeconds(30), reason),
        "btc waits 30 s for attempt 9: " + reason.sentence());
    sentences.put(
        new FleetEvent.FeedGone("btc", reason), "btc has ended for good: " + reason.sentence());
    sentences.put(new FleetEvent.StoreFailed(cause), "The store failed: java.io.IOException: full");
    sentences.put(new FleetEvent.StoreRecovered(), "The store works again.");
    sentences.put(
        new FleetEvent.SinkFailed(3, cause),
        "The sink failed for slot 3: java.io.IOException: full");
    sentences.put(new FleetEvent.SinkRecovered(3), "The sink works again for slot 3.");
    sentences.put(
        new FleetEvent.PositionUnreadable("btc", cause),
        "The position of an event of btc could not be read: java.io.IOException: full");
    sentences.put(
        new FleetEvent.PositionSkipped("btc", "4", "9"),
        "btc begins after 9, and was asked to begin after 4.");
    sentences.put(
        new FleetEvent.ConnectionOpen("btc", 2, 3), "Connection 2 of btc is open, session 3.");
    sentences.put(
        new FleetEvent.ConnectionLost("btc", 1, false, reason),
        "Connection 1 of btc is lost: " + reason.sentence());
    sentences.put(
        new FleetEvent.ConnectionLost("btc", 1, true, reason),
        "Connection 1 of btc has ended: " + reason.sentence());
    sentences.forEach((event, sentence) -> assertThat(event.sentence()).isEqualTo(sentence));
    assertThat(sentences.keySet().stream().map(Object::getClass).distinct().count())
        .isEqualTo(FleetEvent.class.getPermittedSubclasses().length);
  }
}
