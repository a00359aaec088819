package dev.lariat.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lariat.message.Bytes;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Forms as bodies. */
class FormTest {

  // ---- URL standard, section 5.2

  @ParameterizedTest
  @CsvSource({
    "a b, a+b",
    "a+b, a%2Bb",
    "*-._~, *-._%7E",
    "ä€, %C3%A4%E2%82%AC",
    "a&b=c, a%26b%3Dc"
  })
  void whatAFormLeavesAsItIsIsTheStandards(String text, String encoded) {
    assertThat(Form.of(text, text).text()).isEqualTo(encoded + "=" + encoded);
  }

  @Test
  void theEndsOfLinesAreNotChanged() {
    assertThat(Form.of("a", "b\nc\r\n").text()).isEqualTo("a=b%0Ac%0D%0A");
  }

  @Test
  void anUnpairedSurrogateIsReplaced() {
    assertThat(Form.of("a\ud800", "\udc00b\ud83d\ude00").text())
        .isEqualTo("a%EF%BF%BD=%EF%BF%BDb%F0%9F%98%80");
  }

  @Test
  void fieldsKeepTheirOrderAndMayStandTwice() {
    assertThat(Form.of("b", "1").and("a", "").and("b", "2").text()).isEqualTo("b=1&a=&b=2");
    assertThat(Form.EMPTY.text()).isEmpty();
  }

  @Test
  void theTypeOfABodyTakesThePlaceOfThatBefore() {
    Request post = Request.of("POST", "/").header("Content-Type", "x/y").header("a", "b");
    Request form = post.body(Form.of("a", "b"));
    assertThat(form.headers().all("content-type")).containsExactly(Form.TYPE);
    Multipart multipart = Multipart.create();
    assertThat(form.body(multipart).headers().all("content-type"))
        .containsExactly(multipart.type());
    assertThat(form.headers().first("a")).hasValue("b");
  }

  @Test
  void aFormIsTheBodyOfARequest() {
    Request request = Request.of("POST", "/").body(Form.of("a", "b"));
    assertThat(request.body()).isEqualTo(Bytes.ofUtf8("a=b"));
    assertThat(request.headers().first("content-type"))
        .hasValue("application/x-www-form-urlencoded");
  }

  // ---- RFC 7578

  @Test
  void partsStandBetweenBoundaries() {
    Multipart multipart =
        new Multipart("b-1", List.of())
            .field("a", "ä\n")
            .file("f", "x.txt", "text/plain", Bytes.ofUtf8("content"))
            .part(new Multipart.Part("e", Optional.empty(), Optional.of("t/t"), Bytes.EMPTY));
    assertThat(multipart.bytes().utf8())
        .isEqualTo(
            """
            --b-1\r
            Content-Disposition: form-data; name="a"\r
            \r
            ä
            \r
            --b-1\r
            Content-Disposition: form-data; name="f"; filename="x.txt"\r
            Content-Type: text/plain\r
            \r
            content\r
            --b-1\r
            Content-Disposition: form-data; name="e"\r
            Content-Type: t/t\r
            \r
            \r
            --b-1--\r
            """);
  }

  @Test
  void namesCannotBreakOut() {
    String head =
        new Multipart("b", List.of())
            .file("a\"\r\nX: y", "ü\"\n", "t/t", Bytes.EMPTY)
            .bytes()
            .utf8();
    assertThat(head).contains("name=\"a%22%0D%0AX: y\"; filename=\"ü%22%0A\"\r\n");
  }

  @Test
  void theEndsOfLinesInANameAreThoseOfTheStandardAndContentStaysAsItIs() {
    String body =
        new Multipart("b", List.of())
            .field("a\nb\rc\r\nd", "x\ny\r")
            .file("f", "a\nb", "t/t", Bytes.ofUtf8("z\n"))
            .bytes()
            .utf8();
    assertThat(body)
        .contains("name=\"a%0D%0Ab%0D%0Ac%0D%0Ad\"\r\n\r\nx\ny\r\r\n")
        .contains("filename=\"a%0Ab\"\r\n")
        .contains("\r\n\r\nz\n\r\n");
  }

  @Test
  void theContentIsNotCopiedIntoThePieces() {
    Bytes content = Bytes.ofUtf8("content");
    assertThat(Multipart.create().file("a", "b", "t/t", content).pieces())
        .anyMatch(piece -> piece == content);
  }

  @Test
  void oneThatNoArrayHoldsIsRefused() {
    Bytes mebibyte = Bytes.wrap(new byte[1 << 20]);
    Multipart.Part part = new Multipart.Part("a", Optional.empty(), Optional.empty(), mebibyte);
    for (int mebibytes : new int[] {2048, 4097}) {
      Multipart large = new Multipart("b", Collections.nCopies(mebibytes, part));
      assertThatIllegalArgumentException()
          .isThrownBy(large::bytes)
          .withMessageMatching("multipart: \\d{10} bytes, allowed up to 2147483583.*pieces.*");
    }
  }

  @Test
  void everyBoundaryIsAnother() {
    assertThat(Multipart.create().boundary())
        .matches("lariat-[0-9a-f]{32}")
        .isNotEqualTo(Multipart.create().boundary());
  }

  @Test
  void aMultipartIsTheBodyOfARequest() {
    Multipart multipart = Multipart.create().field("a", "b");
    Request request = Request.of("POST", "/").body(multipart);
    assertThat(request.body()).isEqualTo(multipart.bytes());
    assertThat(request.headers().first("content-type"))
        .hasValue("multipart/form-data; boundary=" + multipart.boundary());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\r\n", "a\"", "ä"})
  void aBoundaryThatWouldNeedQuotesIsRefused(String boundary) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Multipart(boundary, List.of()))
        .withMessageStartingWith("multipart.boundary: \"");
  }

  @Test
  void aTypeThatIsNoHeadersValueIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Multipart.create().file("a", "b", "t/t\r\nX: y", Bytes.EMPTY))
        .withMessageContaining("content-type");
  }

  @Test
  void itsTextDoesNotShowItsValues() {
    Form form = Form.of("user", "me").and("password", "secret");

    assertThat(form.toString()).isEqualTo("Form[user, password]");
    assertThat(form.fields().toString()).doesNotContain("secret", "me]");
    assertThat(Request.of("POST", "/").body(form).toString()).doesNotContain("secret");
  }
}
