package dev.lariat.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.lariat.event.Trace;
import dev.lariat.event.Tracer;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Receiver;
import dev.lariat.message.WebSocketHandler;
import java.io.IOException;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every option of every class that keeps a {@link Draft}. */
class EachOptionTest {
  private static final Duration TIME = Duration.ofSeconds(3); // within every range, nowhere default
  private static final List<Object> SAMPLES =
      List.of(
          2,
          77,
          2000,
          1_000_000,
          2L,
          2.5,
          true,
          false,
          TIME,
          "/x",
          "PUT",
          Headers.of("a", "b"),
          Bytes.ofUtf8("body"),
          Content.DECOMPRESSED,
          Credentials.bearer("abc"),
          (Receiver) message -> {},
          Keepalive.OFF,
          Backoff.GUN,
          Timeouts.DEFAULT.tls(TIME),
          Limits.DEFAULT.message(1),
          Http1.DEFAULT.pipelining(2),
          Http2.DEFAULT.maxStreams(2),
          1L << 20,
          SocketOptions.DEFAULT.noDelay(false),
          Cookies.in(new OptionsTest.NoCookies()),
          Tls.INSECURE,
          (Tracer) () -> request -> Trace.NONE,
          new Platform() {},
          Deflate.DEFAULT,
          Subprotocols.of("other"),
          (Classifier) reason -> Classifier.Verdict.END,
          (Budget) nanos -> 0,
          Rotation.DEFAULT.quiet(TIME),
          Outbox.NONE,
          Silence.of(TIME),
          Redirects.DEFAULT.limit(3),
          (Backoff.Schedule) (attempt, reason) -> Optional.empty(),
          UnaryOperator.<String>identity(),
          (WebSocketHandler.Factory) session -> null,
          ConnectionOptions.DEFAULT.retry(Backoff.NEVER),
          WebSocketOptions.compressed(),
          Healing.DEFAULT.spread(TIME),
          new InetSocketAddress("127.0.0.1", 1),
          new Integer[] {500},
          new String[] {"PUT"},
          new Protocol[] {Protocol.RAW},
          new Protocol[] {Protocol.HTTP_2},
          ProxyProtocol.V2,
          List.of("x"),
          Http1.Version.HTTP_1_0,
          Http1.Methods.ALL,
          Outbox.Overflow.FAIL,
          TopicOptions.Overflow.DROP,
          Supervision.Strategy.ONE_FOR_ALL,
          PoolOptions.Choice.SPREAD,
          "00ff".repeat(16),
          RequestRetry.DEFAULT.longestWait(TIME),
          (Consumer<Object>) report -> {});

  /** What an option of this name is set by: a method of another name, or of several parameters. */
  private static final Map<String, UnaryOperator<Object>> OTHERWISE =
      Map.ofEntries(
          Map.entry("Backoff.first", it -> ((Backoff) it).delays(TIME, ((Backoff) it).cap())),
          Map.entry("Backoff.cap", it -> ((Backoff) it).delays(((Backoff) it).first(), TIME)),
          Map.entry(
              "ConnectionOptions.listeners", it -> ((ConnectionOptions) it).listener(event -> {})),
          Map.entry(
              "ConnectionOptions.via", it -> ((ConnectionOptions) it).via(Proxy.of("http://a"))),
          Map.entry("Endpoint.unixSocket", it -> ((Endpoint) it).unixSocket(Path.of("s"))),
          Map.entry("Proxy.authenticator", it -> ((Proxy) it).authenticator(new Untold("a"))),
          Map.entry("PoolOptions.listeners", it -> ((PoolOptions) it).listener(event -> {})),
          Map.entry(
              "PoolOptions.origins",
              it -> ((PoolOptions) it).origin(URI.create("http://a.example"), PoolOptions.DEFAULT)),
          Map.entry("Tls.trustStore", it -> ((Tls) it).trust(store())),
          Map.entry("Tls.identity", it -> ((Tls) it).identity(store(), "secret")),
          Map.entry("Outbox.key", it -> ((Outbox) it).conflate(frame -> frame)),
          Map.entry(
              "Outbox.acknowledgement",
              it -> ((Outbox) it).acknowledge(frame -> frame, frame -> frame)),
          Map.entry(
              "Subprotocols.handlers", it -> ((Subprotocols) it).and("more", session -> null)));

  /** One whose text is as the options show it. */
  private record Untold(String name) implements ProxyAuthenticator {
    @Override
    public Authentication begin(String host, int port) {
      return challenges -> Optional.empty();
    }

    @Override
    public String toString() {
      return "***";
    }
  }

  /** What another option is set with. */
  private static final Map<String, Set<String>> TOGETHER =
      Map.of("Outbox.key", Set.of("overflow"), "Subprotocols.handlers", Set.of("names"));

  /** What no method sets: other constants and methods begin with it. */
  private static final Set<String> FIXED =
      Set.of(
          "Tls.trustAll",
          "Endpoint.uri",
          "Proxy.kind",
          "Proxy.host",
          "Proxy.port",
          "Subprotocols.names");

  /** One of each class, whose options are set one after the other. */
  private static final List<Object> CLASSES =
      List.of(
          ConnectionOptions.DEFAULT,
          DownloadOptions.DEFAULT,
          Endpoint.of("ws://a.example"),
          EventOptions.DEFAULT,
          Healing.DEFAULT,
          Http1.DEFAULT,
          Http2.DEFAULT,
          Limits.DEFAULT,
          LiveOptions.DEFAULT,
          Outbox.DEFAULT,
          Proxy.of("http://a.example"),
          CacheOptions.DEFAULT,
          PoolOptions.DEFAULT,
          RawOptions.DEFAULT,
          Request.of("POST", "/"),
          RequestRetry.DEFAULT,
          Backoff.DEFAULT,
          Rotation.DEFAULT,
          SocketOptions.DEFAULT,
          Subprotocols.of("c"),
          Supervision.DEFAULT,
          Timeouts.DEFAULT,
          TopicOptions.DEFAULT,
          Tls.DEFAULT,
          WebSocketOptions.DEFAULT);

  static Stream<Arguments> options() {
    return CLASSES.stream()
        .flatMap(
            base ->
                names(base).stream()
                    .filter(name -> !FIXED.contains(base.getClass().getSimpleName() + '.' + name))
                    .map(name -> arguments(base.getClass().getSimpleName() + '.' + name, base)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("options")
  void anOptionIsSetAloneAndCountsForEqualityAndText(String option, Object base) {
    String name = option.substring(option.indexOf('.') + 1);
    Object changed = changed(option, base);
    Set<String> others = new TreeSet<>(names(base));
    others.remove(name);
    others.removeAll(TOGETHER.getOrDefault(option, Set.of()));
    assertThat(others)
        .allSatisfy(other -> assertThat(value(changed, other)).isEqualTo(value(base, other)));
    assertThat(value(changed, name)).isNotEqualTo(value(base, name));
    assertThat(changed).isNotEqualTo(base).doesNotHaveSameHashCodeAs(base);
    assertThat(changed.toString()).contains(name + "=" + value(changed, name));
  }

  @ParameterizedTest
  @MethodSource("options")
  void whatIsSetAgainToTheSameIsEqual(String option, Object base) throws Exception {
    String name = option.substring(option.indexOf('.') + 1);
    for (Method method : setters(base, name)) {
      Object value = value(base, name);
      Class<?> type = method.getParameterTypes()[0];
      if (type != Object.class && wrapped(type).isInstance(value)) {
        Object same = method.invoke(base, value);
        assertThat(same).isEqualTo(base).hasSameHashCodeAs(base).hasToString(base.toString());
      }
    }
  }

  /** They read their key stores at different times. */
  @Test
  void anEqualTlsTakesThePlaceOfTheOldOne() {
    KeyStore store = store();
    Tls tls = Tls.DEFAULT.trust(store);
    Tls equal = Tls.DEFAULT.trust(store);
    ConnectionOptions options = ConnectionOptions.DEFAULT.tls(tls);
    LiveOptions live = LiveOptions.DEFAULT.connection(options);
    assertThat(options.tls(equal)).isEqualTo(options);
    assertThat(options.tls(equal).tls().orElseThrow()).isSameAs(equal);
    assertThat(live.connection(options.tls(equal)).connection().tls().orElseThrow())
        .isSameAs(equal);
    assertThat(Endpoint.of("wss://a.example").tls(tls).tls(equal).tls().orElseThrow())
        .isSameAs(equal);
  }

  /** Each method of one parameter that makes other options of these. */
  static Stream<Arguments> methods() {
    return CLASSES.stream()
        .flatMap(
            base ->
                Stream.of(base.getClass().getMethods())
                    .filter(method -> method.getReturnType() == base.getClass())
                    .filter(method -> !Modifier.isStatic(method.getModifiers()))
                    .filter(method -> method.getParameterCount() == 1)
                    .filter(method -> !method.getParameterTypes()[0].isPrimitive())
                    .filter(method -> method.getParameterTypes()[0] != URI.class) // a question
                    .map(
                        method ->
                            arguments(
                                base.getClass().getSimpleName()
                                    + '.'
                                    + method.getName()
                                    + '('
                                    + method.getParameterTypes()[0].getSimpleName()
                                    + ')',
                                base,
                                method)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("methods")
  void anOptionThatIsNullIsRefusedByItsName(String signature, Object base, Method method) {
    assertThatNullPointerException()
        .isThrownBy(() -> invoke(base, method, null))
        .withMessageEndingWith(": null, allowed any other value")
        .withMessageStartingWith(method.getName());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("methods")
  void anOptionWithANullInItIsRefusedByItsName(String signature, Object base, Method method) {
    Class<?> type = method.getParameterTypes()[0];
    Object with = List.class == type ? Collections.singletonList(null) : null;
    if (type.isArray()) {
      with = Array.newInstance(type.getComponentType(), 1);
    }
    if (with != null) {
      Object value = with;
      assertThatNullPointerException()
          .isThrownBy(() -> invoke(base, method, value))
          .withMessageMatching(
              "(" + method.getName() + "|names): null in it, allowed any other value");
    }
  }

  private static void invoke(Object base, Method method, Object value) throws Throwable {
    try {
      method.invoke(base, new Object[] {value});
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Test
  void aNullInAnotherListOfOptionsIsRefusedByItsName() {
    assertThatNullPointerException()
        .isThrownBy(() -> Deflate.DEFAULT.offers((Deflate.Offer[]) null))
        .withMessage("offers: null, allowed any other value");
    assertThatNullPointerException()
        .isThrownBy(() -> Endpoints.inTurn((Endpoint[]) null))
        .withMessage("endpoints: null, allowed any other value");
    assertThatNullPointerException()
        .isThrownBy(() -> Endpoints.inTurn(Endpoint.of("ws://a.example"), null))
        .withMessage("endpoints: null in it, allowed any other value");
    assertThatNullPointerException()
        .isThrownBy(() -> Subprotocols.of((String[]) null))
        .withMessage("names: null, allowed any other value");
    assertThatNullPointerException()
        .isThrownBy(() -> PoolOptions.DEFAULT.origin(URI.create("http://a.example"), null))
        .withMessage("origin: null, allowed any other value");
  }

  @Test
  void aRefusedValueBeginsNoLineOfALog() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Request.of("G\r\nX", "/"))
        .withMessage("method: \"G??X\", allowed a token (RFC 9110 section 9.1)");
  }

  @Test
  void nobodyMakesOptionsByAConstructor() {
    assertThat(CLASSES)
        .allSatisfy(base -> assertThat(base.getClass().getConstructors()).isEmpty())
        .allSatisfy(base -> assertThat(base.getClass()).isFinal().isPublic());
  }

  @Test
  void optionsOfDifferentClassesDiffer() {
    assertThat(Set.copyOf(CLASSES)).hasSameSizeAs(CLASSES);
  }

  @Test
  void thePasswordOfAnIdentityIsNotShown() {
    assertThat(Tls.DEFAULT.identity(store(), "secret").toString()).doesNotContain("secret");
    assertThat(Request.of("GET", "/").credentials(Credentials.basic("a", "secret")).toString())
        .doesNotContain("secret");
  }

  // ---- by reflection, so that a new option cannot be forgotten

  /** The names of all options: those of the draft's fields. */
  private static Set<String> names(Object options) {
    Set<String> names = new TreeSet<>();
    Class<?> values =
        Stream.of(options.getClass().getDeclaredClasses())
            .filter(Draft.class::isAssignableFrom)
            .findFirst()
            .orElseThrow();
    for (Field field : values.getDeclaredFields()) {
      if (!Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
        names.add(field.getName());
      }
    }
    return names;
  }

  private static Object value(Object options, String name) {
    try {
      return options.getClass().getMethod(name).invoke(options);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Method> setters(Object options, String name) {
    return Stream.of(options.getClass().getMethods())
        .filter(method -> method.getName().equals(name) && method.getParameterCount() == 1)
        .filter(method -> method.getParameterTypes()[0] != Optional.class)
        .toList();
  }

  private static Object changed(String option, Object base) {
    if (OTHERWISE.containsKey(option)) {
      return OTHERWISE.get(option).apply(base);
    }
    String name = option.substring(option.indexOf('.') + 1);
    for (Method method : setters(base, name)) {
      for (Object sample : SAMPLES) {
        if (wrapped(method.getParameterTypes()[0]).isInstance(sample)) {
          try {
            Object changed = method.invoke(base, sample);
            if (!value(changed, name).equals(value(base, name))) {
              return changed;
            }
          } catch (InvocationTargetException e) { // out of this one's range: the next sample
            assertThat(e.getCause()).isInstanceOf(IllegalArgumentException.class);
          } catch (IllegalAccessException e) {
            throw new AssertionError(e);
          }
        }
      }
    }
    throw new AssertionError("no method and sample for " + option);
  }

  private static Class<?> wrapped(Class<?> type) {
    return MethodType.methodType(type).wrap().returnType();
  }

  private static KeyStore store() {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setEntry(
          "key",
          new KeyStore.SecretKeyEntry(new SecretKeySpec(new byte[16], "AES")),
          new KeyStore.PasswordProtection("secret".toCharArray()));
      return store;
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError(e);
    }
  }
}
