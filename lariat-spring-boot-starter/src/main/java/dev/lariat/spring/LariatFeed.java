package dev.lariat.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.beans.factory.annotation.Qualifier;

/**
 * Names a feed, a live connection that stands in the properties under {@code lariat.feeds}.
 *
 * <p><b>On a method of a bean</b>, what the feed receives is passed to the method. All methods of a
 * feed are called one after the other on one virtual thread, so they may block: the feed then stops
 * reading from its server. If a method throws, that is logged, and the next message follows. The
 * type of its first parameter says what it gets:
 *
 * <table>
 * <caption>Types of the parameter</caption>
 * <tr><th>type<th>what it gets
 * <tr><td>{@code String}<td>texts of a WebSocket; the data of server-sent events
 * <tr><td>{@code Frame}, {@code Text}, {@code Binary}, ...<td>frames of a WebSocket, of that type
 * <tr><td>{@code Bytes}, {@code byte[]}<td>binary messages of a WebSocket
 * <tr><td>{@code ServerSentEvent}<td>server-sent events
 * <tr><td>{@code Message}, {@code Open}, {@code Waiting}, {@code Gone}, ...<td>messages of that
 *     type: these tell of changes of state, too
 * <tr><td>{@code Session}<td>nothing received: the method is the opening step, which runs in every
 *     new session of a WebSocket before anything else is sent. It runs on a thread of its own, and
 *     if it throws, the session ends and another attempt follows
 * <tr><td>any other<td>the JSON of a text or of an event's data, as a value of that type, if there
 *     is a {@code JsonMapper} of Jackson 3 among the beans
 * </table>
 *
 * <p>A second parameter may be the {@code LiveWebSocket} or {@code LiveEvents} itself.
 *
 * <p><b>On a parameter or a field</b> of type {@code LiveWebSocket} or {@code LiveEvents}, it
 * injects the feed. The feed opens then, if it is not open yet. If no method receives what it gets,
 * read it yourself.
 */
@Documented
@Qualifier
@Target({ElementType.METHOD, ElementType.PARAMETER, ElementType.FIELD})
@Retention(RetentionPolicy.RUNTIME)
public @interface LariatFeed {

  /** {@return the name of the feed: the key under {@code lariat.feeds}} */
  String value();
}
