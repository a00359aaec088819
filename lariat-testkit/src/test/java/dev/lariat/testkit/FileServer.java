package dev.lariat.testkit;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;

/**
 * A server with one file, which it can serve in every way that there is. Its fields are settings.
 */
final class FileServer implements Script {
  byte[] file;
  Optional<String> etag = Optional.of("\"1\"");
  boolean ranges = true;
  boolean ifRange = true; // whether it obeys it
  boolean lengths = true; // whether it says how long its bodies are
  boolean closes; // whether bodies without a length end with the connection
  Headers more = Headers.EMPTY;
  final List<Integer> cuts = new ArrayList<>(); // bytes of each of the next responses
  final List<Integer> refusals = new ArrayList<>(); // statuses of the next responses
  final List<Asked> asked = new ArrayList<>();

  FileServer(int size) {
    file = content(size, 1);
  }

  static byte[] content(int size, long version) {
    byte[] content = new byte[size];
    new Random(version).nextBytes(content);
    return content;
  }

  /** The file has another content from now on. */
  void change(int size, long version) {
    file = content(size, version);
    etag = etag.map(tag -> '"' + Long.toString(version) + '"');
  }

  @Override
  public void play(Visit visit) throws Exception {
    for (Asked request = visit.request(); request != null; request = visit.request()) {
      asked.add(request);
      if (!refusals.isEmpty()) {
        visit.respond(refusals.removeFirst());
        continue;
      }
      if (!serve(visit, request)) {
        return;
      }
    }
  }

  private boolean serve(Visit visit, Asked request) throws Exception {
    Headers headers = more;
    if (etag.isPresent()) {
      headers = headers.with("etag", etag.get());
    }
    Optional<String> range = request.headers().first("range").filter(value -> ranges);
    if (ifRange) {
      range = range.filter(value -> request.headers().first("if-range").equals(etag));
    }
    int from =
        range.map(value -> Integer.parseInt(value.substring(6, value.length() - 1))).orElse(0);
    if (range.isPresent() && from >= file.length) {
      visit.respond(416, headers.with("content-range", "bytes */" + file.length), Bytes.EMPTY);
      return true;
    }
    if (range.isPresent()) {
      String value = "bytes " + from + "-" + (file.length - 1) + "/" + file.length;
      headers = headers.contains("content-range") ? headers : headers.with("content-range", value);
    }
    int size = file.length - from;
    int status = range.isPresent() ? 206 : 200;
    Reply reply =
        lengths
            ? visit.begin(status, headers, size)
            : closes ? visit.beginUntilClose(status, headers) : visit.beginChunked(status, headers);
    int until = cuts.isEmpty() ? size : Math.min(size, cuts.removeFirst());
    reply.write(Bytes.wrap(Arrays.copyOfRange(file, from, from + until)));
    if (until < size) {
      return false; // the connection ends
    }
    if (closes) {
      return false;
    }
    if (!lengths) {
      reply.end();
    }
    return true;
  }

  String header(int request, String name) {
    return Objects.requireNonNull(asked.get(request)).headers().first(name).orElse("");
  }
}
