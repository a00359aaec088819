package dev.lariat.kotlin

import dev.lariat.message.BodyCodec
import dev.lariat.message.Bytes
import dev.lariat.message.Text
import dev.lariat.message.UnreadableException
import java.lang.reflect.Type
import kotlin.reflect.javaType
import kotlin.reflect.typeOf
import kotlinx.serialization.KSerializer
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.Json
import kotlinx.serialization.serializer

/**
 * Returns a codec of values as JSON, by kotlinx.serialization: `Json.codec<Order>()`. `Json` stands for the default format, or for one of
 * yours with its own settings.
 *
 * It reads exactly one value: what follows the value is an error, and so is `null`. A codec is immutable, and any number of threads can use
 * it. Your program needs `kotlinx-serialization-json` and the compiler plugin of kotlinx.serialization.
 *
 * @param T the type of the values, which is serializable
 * @return the codec
 * @throws kotlinx.serialization.SerializationException if the type is not serializable
 */
@OptIn(ExperimentalStdlibApi::class) // the Java type of a generic type
public inline fun <reified T : Any> Json.codec(): BodyCodec<T> = codec(serializer<T>(), typeOf<T>().javaType)

/**
 * Returns a codec of values as JSON by this serializer, like [codec].
 *
 * @param T the type of the values
 * @param serializer the serializer of the values
 * @param type the type of the values, for messages to people
 * @return the codec
 */
public fun <T : Any> Json.codec(serializer: KSerializer<T>, type: Type): BodyCodec<T> = JsonCodec(this, serializer, type)

private class JsonCodec<T : Any>(private val json: Json, private val serializer: KSerializer<T>, private val type: Type) : BodyCodec<T> {
  override fun type(): Type = type

  override fun mediaType(): String = "application/json"

  override fun write(value: T): Bytes = Bytes.ofUtf8(written(value))

  override fun text(value: T): Text = Text(written(value))

  override fun read(bytes: Bytes): T {
    val text =
      try {
        Charsets.UTF_8.newDecoder().decode(bytes.asByteBuffer())
      } catch (e: CharacterCodingException) {
        throw UnreadableException(type, "it is not UTF-8", e)
      }
    return read(text.toString())
  }

  override fun read(text: String): T {
    if (text.isEmpty()) {
      throw UnreadableException(type, "it is empty", null)
    }
    try {
      return json.decodeFromString(serializer, text)
    } catch (e: SerializationException) {
      throw UnreadableException(type, detail(e), 0, 0, PATH.find(e.message.orEmpty())?.groupValues?.get(1).orEmpty(), e)
    } catch (e: RuntimeException) { // of the constructors of the type
      throw UnreadableException(type, e.toString(), e)
    }
  }

  private fun written(value: T): String =
    try {
      json.encodeToString(serializer, value)
    } catch (e: RuntimeException) { // of the format, and of the accessors of the value
      throw IllegalArgumentException("value: a ${type.typeName} that cannot be written as JSON: ${e.message ?: e}", e)
    }

  /** The first line: the next ones quote the whole input. */
  private fun detail(e: SerializationException): String = e.message?.lineSequence()?.first() ?: e.toString()
}

private val PATH = Regex("""at path:? (\$\S*)""")
