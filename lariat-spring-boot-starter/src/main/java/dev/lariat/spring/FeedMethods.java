package dev.lariat.spring;

import java.lang.reflect.Method;
import java.util.Map;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;

/** Finds the methods of beans that name a feed. */
final class FeedMethods implements BeanPostProcessor {
  private final ObjectProvider<Feeds> feeds;

  FeedMethods(ObjectProvider<Feeds> feeds) {
    this.feeds = feeds;
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String beanName) {
    Class<?> type = AopUtils.getTargetClass(bean);
    if (AnnotationUtils.isCandidateClass(type, LariatFeed.class)) {
      Map<Method, LariatFeed> methods =
          MethodIntrospector.selectMethods(
              type,
              (Method method) ->
                  AnnotatedElementUtils.findMergedAnnotation(method, LariatFeed.class));
      methods.forEach(
          (method, feed) -> {
            if (isComponent(method)) {
              return; // the annotation of what is injected, which Java copies to its accessor
            }
            Method callable = AopUtils.selectInvocableMethod(method, bean.getClass());
            feeds.getObject().add(feed.value(), new FeedMethod(bean, callable));
          });
    }
    return bean;
  }

  private static boolean isComponent(Method method) {
    return method.getDeclaringClass().isRecord() && method.getParameterCount() == 0;
  }
}
