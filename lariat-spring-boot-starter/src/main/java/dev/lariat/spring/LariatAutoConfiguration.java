package dev.lariat.spring;

import dev.lariat.client.Client;
import dev.lariat.jackson.Jackson;
import dev.lariat.micrometer.ClientMetrics;
import dev.lariat.micrometer.ConnectionMetrics;
import dev.lariat.micrometer.PoolMetrics;
import dev.lariat.opentelemetry.Telemetry;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.opentelemetry.api.OpenTelemetry;
import java.lang.reflect.Type;
import java.time.Clock;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Makes Lariat's beans in an application of Spring Boot. */
@AutoConfiguration(
    afterName = {
      "org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration",
      "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration",
      "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
      "org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration"
    },
    beforeName = {
      "org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration",
      "org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration"
    })
@EnableConfigurationProperties(LariatProperties.class)
final class LariatAutoConfiguration {

  @Bean
  static FeedBeans lariatFeedBeans(Environment environment) {
    return new FeedBeans(environment);
  }

  @Bean
  static FeedMethods lariatFeedMethods(ObjectProvider<Feeds> feeds) {
    return new FeedMethods(feeds);
  }

  @Bean(destroyMethod = "shutdown")
  @ConditionalOnMissingBean
  Client lariatClient(
      LariatProperties properties,
      ObjectProvider<SslBundles> bundles,
      ObjectProvider<ConnectionCustomizer> connections,
      ObjectProvider<PoolCustomizer> pools) {
    return new Clients(
            new Secrets(bundles),
            connections.orderedStream().toList(),
            pools.orderedStream().toList())
        .open(properties.client());
  }

  @Bean(destroyMethod = "stop") // also if the start fails after a bean has opened one
  Feeds lariatFeeds(
      LariatProperties properties,
      ObjectProvider<SslBundles> bundles,
      ObjectProvider<ConnectionCustomizer> connections,
      ObjectProvider<FeedCustomizer> customizers,
      ObjectProvider<ValueCodecs> codecs) {
    Secrets secrets = new Secrets(bundles);
    List<FeedCustomizer> all = customizers.orderedStream().toList();
    return new Feeds(
        properties.feeds(),
        new FeedPlans(secrets, connections.orderedStream().toList(), all),
        secrets,
        codecs.getIfAvailable(),
        Clock.systemUTC());
  }

  /** Values of JSON. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({Jackson.class, JsonMapper.class})
  static class Json {
    @Bean
    ValueCodecs lariatValueCodecs(ObjectProvider<JsonMapper> mappers) {
      return type ->
          Jackson.with(mappers.getIfAvailable(JsonMapper::shared))
              .of(
                  new TypeReference<Object>() {
                    @Override
                    public Type getType() {
                      return type;
                    }
                  });
    }
  }

  /** Meters. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({MeterRegistry.class, ConnectionMetrics.class})
  @ConditionalOnBean(MeterRegistry.class)
  static class Metrics {
    @Bean
    ConnectionCustomizer lariatConnectionMetrics(MeterRegistry registry) {
      ConnectionMetrics metrics = new ConnectionMetrics(registry);
      return options -> options.listener(metrics);
    }

    @Bean
    PoolCustomizer lariatPoolMetrics(MeterRegistry registry) {
      PoolMetrics metrics = new PoolMetrics(registry);
      return options -> options.listener(metrics);
    }

    @Bean
    MeterBinder lariatClientMetrics(Client client) {
      return new ClientMetrics(client);
    }

    @Bean
    MeterBinder lariatFeedMetrics(Feeds feeds) {
      return registry -> feeds.names().forEach(name -> gauge(registry, feeds, name));
    }

    private static void gauge(MeterRegistry registry, Feeds feeds, String name) {
      Gauge.builder(
              "lariat.feed.open",
              feeds,
              its -> its.info(name).state() == FeedInfo.State.OPEN ? 1 : 0)
          .description("Whether a session of the feed is open")
          .tag("feed", name)
          .register(registry);
    }
  }

  /** Traces. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({OpenTelemetry.class, Telemetry.class})
  @ConditionalOnBean(OpenTelemetry.class)
  static class Traces {
    @Bean
    ConnectionCustomizer lariatTelemetry(OpenTelemetry telemetry) {
      Telemetry its = new Telemetry(telemetry);
      return its::on;
    }
  }

  /** Health. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
  static class Health {
    @Bean
    @ConditionalOnEnabledHealthIndicator("lariat")
    FeedsHealthIndicator lariatHealthIndicator(Feeds feeds, LariatProperties properties) {
      return new FeedsHealthIndicator(feeds, properties.health().downAfter(), Clock.systemUTC());
    }
  }

  /** What Actuator shows. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(Endpoint.class)
  static class Actuator {
    @Bean
    @ConditionalOnMissingBean
    FeedsEndpoint lariatFeedsEndpoint(Feeds feeds) {
      return new FeedsEndpoint(feeds);
    }
  }

  /** Spring's blocking clients. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({ClientHttpRequestFactoryBuilder.class, RestClient.class})
  @ConditionalOnProperty("lariat.client.rest-client")
  static class Blocking {
    @Bean
    @ConditionalOnMissingBean
    ClientHttpRequestFactoryBuilder<LariatRequestFactory> lariatRequestFactories(Client client) {
      return ClientHttpRequestFactoryBuilder.of(() -> new LariatRequestFactory(client));
    }
  }

  /** Spring's reactive client. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({ClientHttpConnectorBuilder.class, WebClient.class})
  @ConditionalOnProperty("lariat.client.web-client")
  static class Reactive {
    @Bean
    @ConditionalOnMissingBean
    ClientHttpConnectorBuilder<LariatConnector> lariatConnectors(Client client) {
      return settings -> new LariatConnector(client);
    }
  }
}
