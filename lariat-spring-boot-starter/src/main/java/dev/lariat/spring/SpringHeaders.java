package dev.lariat.spring;

import dev.lariat.message.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.springframework.http.HttpHeaders;

/** Headers of Spring and of Lariat. */
final class SpringHeaders {
  /** What Lariat says by itself, of the body and of the connection. */
  private static final Set<String> OURS =
      Set.of("content-length", "transfer-encoding", "host", "connection");

  private SpringHeaders() {}

  static Headers sent(HttpHeaders headers) {
    List<Headers.Field> fields = new ArrayList<>();
    headers.forEach(
        (name, values) -> {
          if (!OURS.contains(name.toLowerCase(Locale.ROOT))) {
            values.forEach(value -> fields.add(new Headers.Field(name, value)));
          }
        });
    return Headers.of(fields);
  }

  static HttpHeaders received(Headers headers) {
    HttpHeaders its = new HttpHeaders();
    headers.forEach(field -> its.add(field.name(), field.value()));
    return its;
  }
}
