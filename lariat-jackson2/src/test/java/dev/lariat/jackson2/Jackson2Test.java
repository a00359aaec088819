package dev.lariat.jackson2;

import static dev.lariat.jackson2.Jackson2.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MappingJsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lariat.message.BodyCodec;
import dev.lariat.message.Bytes;
import dev.lariat.message.UnreadableException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values as JSON, and what Jackson says of those that are none. */
class Jackson2Test {

  record Item(String name, double price) {}

  record Order(long id, List<Item> items, Map<String, Item> extras) {}

  /** What refuses some of its values by itself. */
  record Positive(int value) {
    Positive {
      if (value < 1) {
        throw new IllegalArgumentException("value: " + value + ", allowed 1 or more");
      }
    }
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Dog.class, name = "dog"),
    @JsonSubTypes.Type(value = Cat.class, name = "cat")
  })
  sealed interface Animal permits Dog, Cat {}

  record Dog(String name) implements Animal {}

  record Cat(int lives) implements Animal {}

  static class Shape {
    public int sides = 0;
  }

  static final class Square extends Shape {
    public int length = 2;
  }

  /** What cannot be written. */
  static final class Stubborn {
    public int getValue() {
      throw new IllegalStateException("not today");
    }
  }

  private static UnreadableException unreadable(ThrowingCallable call) {
    return Objects.requireNonNull(catchThrowableOfType(UnreadableException.class, call));
  }

  // ---- values

  @Test
  void aValueIsWrittenAndReadAgain() {
    Order order = new Order(7, List.of(new Item("z\u00fcrich", 9.5)), Map.of());
    BodyCodec<Order> codec = json(Order.class);
    assertThat(codec.mediaType()).isEqualTo("application/json");
    assertThat(codec.type()).isEqualTo(Order.class);
    assertThat(codec.write(order).utf8())
        .isEqualTo("{\"id\":7,\"items\":[{\"name\":\"z\u00fcrich\",\"price\":9.5}],\"extras\":{}}");
    assertThat(codec.read(codec.write(order))).isEqualTo(order);
    assertThat(codec.read(codec.text(order).text())).isEqualTo(order);
    Item rocket = new Item("\ud83d\ude80", 1);
    assertThat(json(Item.class).read(json(Item.class).write(rocket))).isEqualTo(rocket);
  }

  @Test
  void aGenericTypeKeepsWhatIsInIt() {
    BodyCodec<List<Item>> items = json(new TypeReference<>() {});
    assertThat(items.read("[{\"name\":\"a\",\"price\":1}]")).containsExactly(new Item("a", 1));
    assertThat(items.type().getTypeName()).startsWith("java.util.List<").contains("Item>");

    BodyCodec<List<Animal>> animals = json(new TypeReference<>() {});
    List<Animal> both = List.of(new Dog("Rex"), new Cat(9));
    assertThat(animals.write(both).utf8())
        .isEqualTo("[{\"kind\":\"dog\",\"name\":\"Rex\"},{\"kind\":\"cat\",\"lives\":9}]");
    assertThat(animals.read(animals.write(both))).isEqualTo(both);
    assertThat(json(Animal.class).read(json(Animal.class).write(new Dog("Rex"))))
        .isEqualTo(new Dog("Rex"));
  }

  @Test
  void aSubclassIsWrittenWhole() {
    assertThat(json(Shape.class).write(new Square()).utf8()).contains("\"length\":2");
  }

  @Test
  void theMapperIsThatOfTheUser() {
    assertThat(unreadable(() -> json(Item.class).read("{\"more\":2}")).path()).isEqualTo("$.more");
    BodyCodec<Item> lenient =
        Jackson2.with(
                JsonMapper.builder()
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build())
            .of(Item.class);
    assertThat(lenient.read("{\"name\":\"a\",\"price\":1,\"more\":2}").name()).isEqualTo("a");
    BodyCodec<Map<String, Item>> snake =
        Jackson2.with(
                JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.UPPER_CAMEL_CASE)
                    .build())
            .of(new TypeReference<>() {});
    assertThat(snake.write(Map.of("a", new Item("b", 1))).utf8())
        .isEqualTo("{\"a\":{\"Name\":\"b\",\"Price\":1.0}}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-32BE"})
  void otherEncodingsOfUnicodeAreFoundWithoutAMark(String charset) throws Exception {
    Bytes encoded = Bytes.wrap("{\"name\":\"a\",\"price\":1}".getBytes(charset));
    assertThat(json(Item.class).read(encoded)).isEqualTo(new Item("a", 1));
  }

  // ---- what cannot be read

  @Test
  void aWrongTypeSaysWhereItIs() {
    UnreadableException e =
        unreadable(
            () ->
                json(Order.class)
                    .read("{\"id\":1,\n \"items\":[{\"price\":1},\n{\"price\":\"x\"}]}"));
    assertThat(e.path()).isEqualTo("$.items[1].price");
    assertThat(e.line()).isEqualTo(3);
    assertThat(e.column()).isPositive();
    assertThat(e.type()).isEqualTo(Order.class);
    assertThat(e.detail()).contains("double").contains("\"x\"").doesNotContain("\n");
    assertThat(e)
        .hasMessageStartingWith("Jackson2Test$Order cannot be read: line 3, column ")
        .hasMessageContaining(", $.items[1].price: ")
        .hasCauseInstanceOf(JsonProcessingException.class);
  }

  @Test
  void aNameThatIsNoIdentifierIsQuotedInThePath() {
    String text = "{\"extras\":{\"a b\":{\"price\":\"x\"}}}";
    assertThat(unreadable(() -> json(Order.class).read(text)).path())
        .isEqualTo("$.extras['a b'].price");
  }

  @Test
  void malformedJsonSaysWhereItIs() {
    UnreadableException e = unreadable(() -> json(Item.class).read("{\"name\":\n  oops}"));
    assertThat(e.line()).isEqualTo(2);
    assertThat(e.column()).isBetween(3, 8);
    assertThat(e.detail()).contains("oops");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "{",
        "{\"name\":\"a\"} {}",
        "{\"name\":\"a\"}x",
        "<html>",
        "[]",
        "\u0000"
      })
  void whatIsNotExactlyOneValueIsUnreadable(String text) {
    assertThat(unreadable(() -> json(Item.class).read(text)).detail()).isNotEmpty();
    assertThat(unreadable(() -> json(Item.class).read(Bytes.ofUtf8(text))).detail()).isNotEmpty();
  }

  @Test
  void bytesThatAreNoUtf8AreUnreadable() {
    byte[] latin = "{\"name\":\"z\u00fcrich\"}".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(unreadable(() -> json(Item.class).read(Bytes.wrap(latin))).detail())
        .contains("UTF-8");
  }

  @Test
  void aValueThatItsTypeRefusesIsUnreadable() {
    UnreadableException e =
        unreadable(
            () ->
                json(new TypeReference<List<Positive>>() {}).read("[{\"value\":1},{\"value\":0}]"));
    assertThat(e.path()).startsWith("$[1]");
    assertThat(e.detail()).contains("value: 0, allowed 1 or more");
  }

  @Test
  void aDepthThatNoStackHoldsIsUnreadable() {
    String deep = "[".repeat(100_000);
    assertThat(unreadable(() -> json(Object.class).read(deep)).detail()).contains("depth");
  }

  @Test
  void whatAServerSentIsCutInTheMessage() {
    String text = "{\"price\":\"" + "x\\u001b".repeat(10_000) + "\"}";
    UnreadableException e = unreadable(() -> json(Item.class).read(text));
    assertThat(e.detail()).hasSizeLessThan(250).doesNotContain("\u001b");
    assertThat(e.getMessage()).hasSizeLessThan(400);
  }

  // ---- what cannot be written, and misuse

  @Test
  void aValueThatCannotBeWrittenIsRefusedAtOnce() {
    assertThatThrownBy(() -> json(Stubborn.class).write(new Stubborn()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("value: a dev.lariat.jackson2.Jackson2Test$Stubborn that cannot be")
        .hasMessageContaining("not today")
        .hasCauseInstanceOf(JsonProcessingException.class);
  }

  @Test
  @SuppressWarnings("NullAway") // on purpose
  void whatIsNullIsNamedAtOnce() {
    assertThatThrownBy(() -> Jackson2.with(null))
        .hasMessage("mapper: null, allowed any other value");
    assertThatThrownBy(() -> json((Class<Item>) null))
        .hasMessage("type: null, allowed any other value");
    assertThatThrownBy(() -> json((TypeReference<Item>) null))
        .hasMessage("type: null, allowed any other value");
  }

  @Test
  void aMapperOfAnotherFormatIsRefused() {
    ObjectMapper cbor =
        new ObjectMapper(
            new MappingJsonFactory() {
              private static final long serialVersionUID = 1;

              @Override
              public String getFormatName() {
                return "CBOR";
              }
            });
    assertThatThrownBy(() -> Jackson2.with(cbor))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("mapper: one of CBOR, allowed one of JSON");
  }
}
