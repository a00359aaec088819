package dev.lariat.cli;

import dev.lariat.FailedException;
import dev.lariat.cookie.Cookie;
import dev.lariat.cookie.RequestUri;
import dev.lariat.cookie.store.CookieFile;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Credentials;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A request by HTTP: {@code get}, {@code post} and the like, and {@code lariat URL}. */
@Command(
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    sortOptions = false,
    addMethodSubcommands = false)
final class Http implements Callable<Integer> {
  /** The methods that have a command. */
  static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  private static final Duration SILENCE = Duration.ofMinutes(1);

  private final Io io;
  private final @Nullable String named; // the method, by the name of the command

  @Parameters(index = "0", paramLabel = "URL", description = "http or https.")
  private String url = "";

  @Parameters(
      index = "1..*",
      paramLabel = "ITEM",
      description = {
        "name=value and name:=json for a JSON body, name=@FILE and name:=@FILE for one from files,",
        "name==value for the query, Name:value for the headers,",
        "and with --form, name=value for a form and name@FILE for a file in it."
      })
  private List<String> words = new ArrayList<>();

  @Mixin private DataOptions data = new DataOptions();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private Access access = new Access();

  @Option(
      names = {"-X", "--request"},
      paramLabel = "METHOD",
      description = "Use this method.")
  private @Nullable String method;

  @Option(
      names = {"-I", "--head"},
      description = "Ask for the headers only, by HEAD, and write them.")
  private boolean head;

  @Option(
      names = {"-i", "--include"},
      description =
          "Write the protocol, the status and the headers before the body, also to a file.")
  private boolean include;

  @Option(
      names = {"-L", "--location"},
      description = "Follow redirects; not from https to http.")
  private boolean location;

  @Option(
      names = "--max-redirs",
      paramLabel = "N",
      converter = Value.Count.class,
      description = "How many redirects --location follows. The default is 50.")
  private int maxRedirects = 50;

  @Option(
      names = {"-f", "--fail"},
      description = "Write no body if the status is 400 or more.")
  private boolean fail;

  @Option(
      names = {"-m", "--max-time", "--timeout"},
      paramLabel = "SECONDS",
      converter = Value.PositiveSeconds.class,
      description =
          "The timeout for everything, from the name lookup to the end of the body."
              + " The default is no limit.")
  private @Nullable Duration maxTime;

  @Option(
      names = "--read-timeout",
      paramLabel = "SECONDS",
      converter = Value.PositiveSeconds.class,
      description =
          "How long the server may send nothing while it is waited for. It is a timeout like any"
              + " other, so --retry tries again, and with --resume goes on where the file ends. The"
              + " default is 60, or with --max-time no limit but that.")
  private @Nullable Duration readTimeout;

  @Option(
      names = "--retry",
      paramLabel = "N",
      converter = Value.Count.class,
      description =
          "How often to try again after a failure that may pass: no connection, a timeout, and the"
              + " statuses 408, 425, 429, 500, 502, 503 and 504. A request by POST or PATCH is"
              + " repeated only if it was not sent.")
  private int retries;

  @Option(names = "--compressed", description = "Ask for a compressed response, and decompress it.")
  private boolean compressed;

  @Option(
      names = {"-b", "--cookie"},
      paramLabel = "NAME=VALUE",
      description = "Send these cookies, or those of a file if there is no = in it.")
  private @Nullable String cookie;

  @Option(
      names = {"-c", "--cookie-jar"},
      paramLabel = "FILE",
      description = "Read cookies from this file, and keep the new ones in it.")
  private @Nullable Path cookieJar;

  @Option(
      names = "--unix-socket",
      paramLabel = "FILE",
      description = "Connect to this Unix-domain socket.")
  private @Nullable Path socket;

  @Option(
      names = {"-v", "--verbose"},
      description =
          "Show connections (*), and the headers that are sent (>) and received (<), on standard"
              + " error, without passwords, tokens and cookies.")
  private boolean verbose;

  @Option(names = "--show-secrets", description = "With --verbose: show those, too.")
  private boolean secrets;

  @Option(
      names = {"-s", "--silent", "-q", "--quiet"},
      description = "Show no progress and no error; the exit code says how it went.")
  private boolean silent;

  @Option(
      names = {"-S", "--show-error"},
      description = "With --silent: show an error.")
  private boolean showError;

  @Option(
      names = {"-w", "--write-out"},
      paramLabel = "TEXT",
      description =
          "Write this text after the body; %%{NAME} becomes the value of "
              + WriteOut.VARIABLES
              + ".")
  private @Nullable String writeOut;

  private Http(Io io, @Nullable String named) {
    this.io = io;
    this.named = named;
  }

  /** The command for this method; null for the one that {@code lariat URL} is. */
  static CommandLine command(Io io, @Nullable String method) {
    CommandLine command = Factory.command(new Http(io, method));
    command.getCommandSpec().name(method == null ? "request" : method.toLowerCase(Locale.ROOT));
    command
        .getCommandSpec()
        .usageMessage()
        .description(
            method == null
                ? "Sends a request: \"lariat URL\" is the same. The method is GET, or with a body"
                    + " POST, or that of --request."
                : "Sends a request by " + method + " and writes the body of the response.");
    OptionSpec proxy = command.getCommandSpec().findOption("--proxy");
    command.getCommandSpec().remove(proxy);
    command.getCommandSpec().addOption(OptionSpec.builder(proxy).names("-x", "--proxy").build());
    Exit.document(command, false, null);
    Help.group(command);
    command.getCommandSpec().usageMessage().abbreviateSynopsis(true);
    return command;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    if (!silent || showError) {
      return run(io);
    }
    Io mute = io.mute();
    try {
      return run(mute);
    } catch (UsageException e) {
      throw e; // it is not about how the request went
    } catch (RuntimeException e) {
      return Main.failed(mute, e);
    }
  }

  private int run(Io io) throws InterruptedException, IOException {
    if (writeOut != null) {
      WriteOut.check(writeOut);
    }
    if (compressed && output.resumes()) {
      throw new UsageException(
          "--resume does not go with --compressed: a part says nothing alone.");
    }
    if (include && output.resumes()) {
      throw new UsageException("--resume does not go with --include: the file has no head.");
    }
    URI uri = Url.asHttp(Url.of(url, "http"));
    Asking asking = asking(uri);
    try (CookieFile jar = jar();
        Sink sink = output.sink(io, uri);
        Roads roads = new Roads(access, socket, options -> with(options, jar, asking))) {
      boolean progress =
          io.errTerminal() && !silent && !(output.toStandardOutput() && io.outTerminal());
      Hops.Manner manner =
          new Hops.Manner(
              maxTime, silence(), location ? maxRedirects : 0, retries, compressed, fail, progress);
      Hops hops = new Hops(io, roads, manner, heads(sink), sink);
      int exit;
      try {
        exit = hops.run(sink instanceof Saved saved ? saved.missing(asking) : asking);
      } catch (FailedException e) {
        sumUp(hops);
        throw e;
      }
      sumUp(hops);
      save(jar);
      return exit;
    }
  }

  /** How long the server may send nothing. */
  private Duration silence() {
    if (readTimeout != null) {
      return readTimeout;
    }
    return maxTime != null ? maxTime : SILENCE;
  }

  /** Writes the new cookies. */
  private void save(@Nullable CookieFile jar) {
    try {
      if (jar != null) {
        jar.save();
      }
    } catch (IOException e) {
      throw OutputException.of(Objects.requireNonNull(cookieJar), e);
    }
  }

  private void sumUp(Hops hops) {
    if (writeOut != null) {
      io.out().write(WriteOut.of(writeOut, hops.summary()).getBytes(StandardCharsets.UTF_8));
    }
  }

  private ConnectionOptions with(
      ConnectionOptions options, @Nullable CookieFile jar, Asking asking) {
    ConnectionOptions all = jar == null ? options : options.cookies(jar);
    return verbose ? all.listener(new Trace(this.io, secrets, asking.authorization())) : all;
  }

  /** The file of cookies; null for none. */
  private @Nullable CookieFile jar() {
    if (cookieJar == null) {
      return null;
    }
    try {
      return CookieFile.open(cookieJar);
    } catch (IOException | IllegalArgumentException e) {
      throw new UsageException(
          "--cookie-jar: the file "
              + Line.plain(cookieJar.toString())
              + " cannot be used: "
              + Line.plain(String.valueOf(e.getMessage()))
              + ".");
    }
  }

  // ---- what is asked for

  private Asking asking(URI uri) {
    for (String word : words) {
      if (Grammar.isUrl(word)) {
        throw new UsageException(
            Line.plain(word) + " is a second URL: there is one for each command.");
      }
    }
    Items items = new Items(words);
    HeaderLines headers = access.headers(items::addHeaders);
    Payload payload = data.payload(io.in());
    Payload ofItems = items.payload(data.form(), io.in());
    if (!payload.isNone() && !ofItems.isNone()) {
      throw new UsageException(
          "Items such as name=value do not go with --data, --json, -F and --upload-file: items go"
              + " with --form.");
    }
    if (payload.isNone()) {
      payload = ofItems;
    }
    String query = data.query(io.in());
    URI whole = target(uri, List.of(items.query(), query == null ? "" : query));
    String accepted =
        data.isJson()
            ? "application/json"
            : "application/json".equals(payload.type()) ? "application/json, */*;q=0.5" : "*/*";
    headers.setIfAbsent("accept", accepted);
    if (payload.type() != null) {
      headers.setIfAbsent("content-type", payload.type());
    }
    if (cookie != null) {
      String cookies = cookie.contains("=") ? cookie : stored(cookie, whole);
      if (!cookies.isEmpty()) {
        headers.setIfAbsent("cookie", cookies);
      }
    }
    Optional<Credentials> credentials = access.credentials(io);
    if (headers.contains("authorization")) {
      credentials = Optional.empty(); // the user's own says more
    }
    return new Asking(method(payload), whole, headers.headers(), payload, credentials);
  }

  private String method(Payload payload) {
    if (method != null) {
      return method;
    }
    if (head) {
      return "HEAD";
    }
    if (named != null) {
      return named;
    }
    return data.upload() != null ? "PUT" : payload.isNone() ? "GET" : "POST";
  }

  /** The URL with what options and items add to it. */
  private URI target(URI uri, List<String> queries) {
    String whole = uri.toString();
    int fragment = whole.indexOf('#');
    StringBuilder all = new StringBuilder(fragment < 0 ? whole : whole.substring(0, fragment));
    String upload = data.upload();
    if (upload != null && !upload.equals("-") && uri.getRawQuery() == null && endsInSlash(uri)) {
      String name = Path.of(upload).getFileName().toString();
      all.append(String.valueOf(uri.getRawPath()).isEmpty() ? "/" : "");
      all.append(DataOptions.percent(name.getBytes(StandardCharsets.UTF_8)));
    }
    for (String query : queries) {
      if (!query.isEmpty()) {
        all.append(all.indexOf("?") < 0 ? '?' : '&').append(query);
      }
    }
    try {
      return new URI(all.toString());
    } catch (URISyntaxException e) {
      throw new UsageException(
          "--get: the data cannot be a query (" + e.getReason() + "): see --data-urlencode.");
    }
  }

  private static boolean endsInSlash(URI uri) {
    String path = String.valueOf(uri.getRawPath());
    return path.isEmpty() || path.endsWith("/");
  }

  /** The cookies of a file that go with this URL. */
  private static String stored(String file, URI uri) {
    Input.file("--cookie", file);
    try (CookieFile cookies = CookieFile.open(Path.of(file))) {
      return cookies.cookies(RequestUri.of(uri)).stream()
          .map(Cookie::pair)
          .collect(Collectors.joining("; "));
    } catch (IOException | IllegalArgumentException e) {
      throw new UsageException(
          "--cookie: \"" + Line.plain(file) + "\" is neither NAME=VALUE nor a file of cookies.");
    }
  }

  // ---- what is shown besides the body

  private Hops.Heads heads(Sink sink) {
    if (!include && !head && !"HEAD".equals(named)) {
      return (protocol, status, headers) -> {};
    }
    boolean shown = io.outTerminal() && output.toStandardOutput();
    return (protocol, status, headers) -> sink.head(head(protocol, status, headers, shown));
  }

  private static String head(Protocol protocol, int status, Headers headers, boolean shown) {
    StringBuilder lines = new StringBuilder(Trace.version(protocol) + " " + status + "\n");
    for (Headers.Field field : headers) {
      String line = field.name() + ": " + field.value();
      lines.append(shown ? Line.plain(line) : line).append('\n');
    }
    return lines.append('\n').toString();
  }
}
