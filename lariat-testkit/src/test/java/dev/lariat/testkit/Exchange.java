package dev.lariat.testkit;

import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import dev.lariat.option.TopicRule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A server of market data like those of the exchanges: it subscribes lists, gives each topic a
 * channel id of its connection, allows so many topics on a connection, and refuses those whose name
 * begins with {@code x}. It never acknowledges a {@code mute} one.
 */
public final class Exchange implements Script {
  private final int most; // topics of a connection
  private final List<Client> clients = Collections.synchronizedList(new ArrayList<>());
  final List<String> commands = Collections.synchronizedList(new ArrayList<>());

  /** A server that allows so many topics on a connection. */
  public Exchange(int most) {
    this.most = most;
  }

  /** One connection. */
  final class Client {
    private final WebSocketVisit socket;
    private final Map<String, Integer> channels =
        Collections.synchronizedMap(new LinkedHashMap<>());
    private int made = 100 * (clients.size() + 1);

    Client(WebSocketVisit socket) {
      this.socket = socket;
    }

    private void serve() throws IOException {
      for (Frame frame = socket.receive(); frame != null; frame = socket.receive()) {
        if (frame instanceof Text(var text)) {
          commands.add(text);
          String[] words = text.split(" ");
          for (int i = 1; i < words.length; i++) {
            if (words[0].equals("sub")) {
              subscribe(words[i]);
            } else {
              int channel = Integer.parseInt(words[i]);
              channels.values().remove(channel);
              say("unsubscribed " + channel);
            }
          }
        }
      }
    }

    private void subscribe(String topic) throws IOException {
      if (topic.startsWith("x")) {
        say("error " + topic + " unknown-symbol");
      } else if (channels.size() == most) {
        say("error " + topic + " limit");
      } else if (channels.putIfAbsent(topic, made) != null) {
        say("error " + topic + " twice");
      } else {
        if (!topic.startsWith("mute")) {
          say("subscribed " + topic + " " + made);
        }
        made++;
      }
    }

    private void say(String text) throws IOException {
      socket.send(new Text(text));
    }
  }

  @Override
  public void play(Visit visit) throws Exception {
    visit.request();
    Client client = new Client(visit.acceptWebSocket());
    clients.add(client);
    try {
      client.say("welcome");
      client.serve();
    } finally {
      clients.remove(client);
    }
  }

  /** Sends this to every connection that has subscribed the topic; returns how many they are. */
  int publish(String topic, String value) throws IOException {
    int sent = 0;
    for (Client client : List.copyOf(clients)) {
      Integer channel = client.channels.get(topic);
      if (channel != null) {
        client.say("# " + channel + " " + value);
        sent++;
      }
    }
    return sent;
  }

  /** How many topics each connection has. */
  List<Integer> load() {
    return List.copyOf(clients).stream().map(client -> client.channels.size()).toList();
  }

  /** How a client speaks to it. */
  public static final class Rule implements TopicRule {
    @Override
    public List<Frame> subscribe(List<String> topics) {
      return List.of(new Text("sub " + String.join(" ", topics)));
    }

    @Override
    public List<Frame> unsubscribe(List<Subscription> topics) {
      List<String> channels =
          topics.stream().map(topic -> topic.channel().orElseThrow().toString()).toList();
      return List.of(new Text("unsub " + String.join(" ", channels)));
    }

    @Override
    public Meaning read(Frame frame) {
      if (!(frame instanceof Text(var text))) {
        return Meaning.CONTROL;
      }
      String[] words = text.split(" ");
      return switch (words[0]) {
        case "#" -> Meaning.of(words[1]);
        case "subscribed" -> Meaning.subscribed(words[1], words[2]);
        case "error" -> Meaning.refused(words[1], words[2]);
        default -> Meaning.CONTROL;
      };
    }
  }
}
