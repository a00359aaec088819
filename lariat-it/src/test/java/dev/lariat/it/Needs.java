package dev.lariat.it;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Leaves a test out, and says so, where a program that it needs is not installed. With {@code
 * LARIAT_REQUIRE_SERVERS} in the environment that is a failure.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(Needs.Condition.class)
public @interface Needs {
  Peer[] value();

  /** Whether all of it is there. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      List<String> absent =
          AnnotationSupport.findAnnotation(context.getElement(), Needs.class).stream()
              .flatMap(needs -> Arrays.stream(needs.value()))
              .filter(peer -> !peer.present())
              .map(Peer::debianPackage)
              .toList();
      if (absent.isEmpty()) {
        return ConditionEvaluationResult.enabled("everything is installed");
      }
      String reason = context.getDisplayName() + " needs what is not installed: " + absent;
      if (System.getenv("LARIAT_REQUIRE_SERVERS") != null) {
        throw new IllegalStateException(reason);
      }
      System.err.println("LEFT OUT: " + reason);
      return ConditionEvaluationResult.disabled(reason);
    }
  }
}
