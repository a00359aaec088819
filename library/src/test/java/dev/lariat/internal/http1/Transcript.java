package dev.lariat.internal.http1;

import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Data;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Limits;
import java.util.ArrayList;
import java.util.List;

/**
 * What a server's words come to on a connection with a {@code GET}, a {@code HEAD} and another
 * {@code GET}: what each was told, with the parts of a body joined, and why the connection ended.
 */
record Transcript(List<String> told, Reason end) {

  /** Words that come so many at a time; then the server hangs up. */
  static Transcript of(String said, int step) {
    Server server = new Server(Limits.DEFAULT.headerBlock(512));
    List<Stream> streams =
        List.of(
            server.request("GET", "/1"), server.request("HEAD", "/2"), server.request("GET", "/3"));
    for (int from = 0; from < said.length() && server.out.change() == null; from += step) {
      server.says(said.substring(from, Math.min(said.length(), from + step)));
    }
    if (server.out.change() == null) {
      server.hangsUp();
    }
    Reason reason = ((Change.Close) server.out.change()).reason();
    server.end(reason);
    return new Transcript(told(server, streams), reason);
  }

  private static List<String> told(Server server, List<Stream> streams) {
    List<String> lines = new ArrayList<>();
    StringBuilder body = new StringBuilder();
    while (server.out.hasNext()) {
      switch (server.out.next()) {
        case Data(var stream, var fin, var bytes) -> {
          body.append(new String(bytes.toArray(), java.nio.charset.StandardCharsets.ISO_8859_1));
          if (fin) {
            body.append(" fin");
          }
        }
        case Message.OfStream message -> {
          flush(body, lines);
          int index = streams.stream().map(Stream::ref).toList().indexOf(message.stream());
          lines.add(
              index
                  + " "
                  + switch (message) {
                    case Response(var stream, var fin, var status, var headers) ->
                        status + " " + fin + " " + headers;
                    case StreamFailed(var stream, var reason) -> reason.sentence();
                    default -> message.toString();
                  });
        }
        case Notice.Detail detail -> lines.add(detail.toString());
        case Change change -> lines.add("end");
        default -> {}
      }
    }
    flush(body, lines);
    return lines;
  }

  private static void flush(StringBuilder body, List<String> lines) {
    if (!body.isEmpty()) {
      lines.add(body.toString());
      body.setLength(0);
    }
  }
}
