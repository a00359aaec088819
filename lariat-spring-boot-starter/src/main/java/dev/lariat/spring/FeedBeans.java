package dev.lariat.spring;

import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/** Makes a bean of each feed in the properties, which opens when another bean asks for it. */
final class FeedBeans implements BeanDefinitionRegistryPostProcessor {
  private final Environment environment;
  private @Nullable ConfigurableListableBeanFactory factory;

  FeedBeans(Environment environment) {
    this.environment = environment;
  }

  /** Only the URI counts here. */
  record Place(@Nullable URI uri) {}

  @Override
  public void postProcessBeanFactory(ConfigurableListableBeanFactory factory) {
    this.factory = factory;
  }

  @Override
  public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
    Map<String, Place> places =
        Binder.get(environment)
            .bind("lariat.feeds", Bindable.mapOf(String.class, Place.class))
            .orElse(Map.of());
    places.forEach(
        (name, place) ->
            registry.registerBeanDefinition(
                "lariatFeed." + name,
                FeedPlans.isWebSocket(name, place.uri())
                    ? definition(name, LiveWebSocket.class, feeds -> feeds.webSocket(name))
                    : definition(name, LiveEvents.class, feeds -> feeds.events(name))));
  }

  private <T> RootBeanDefinition definition(
      String name, Class<T> type, java.util.function.Function<Feeds, T> feed) {
    RootBeanDefinition definition = new RootBeanDefinition(type, () -> feed.apply(feeds()));
    definition.addQualifier(new AutowireCandidateQualifier(LariatFeed.class, name));
    definition.setLazyInit(true);
    definition.setDestroyMethodName(""); // the feeds end in good order, all together
    return definition;
  }

  private Feeds feeds() {
    if (factory == null) {
      throw new IllegalStateException("the bean factory is not ready");
    }
    return factory.getBean(Feeds.class);
  }
}
