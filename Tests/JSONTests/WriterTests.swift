import JSON
import Testing

@Suite("Writing")
struct WriterTests {
    @Test("commas, names and values are written in order")
    func structure() throws {
        let view = try JSONDocument.parse(#" {"kept" : [1 , 2]} "#).root
        var writer = JSONWriter(reserving: 256)
        writer.beginObject()
        writer.member("s", "x")
        writer.member("i", -3)
        writer.member("min", Int64.min)
        writer.member("u", UInt64.max)
        writer.member("b", false)
        writer.member("tree", ["a": [nil]] as JSONValue)
        writer.member("view", view)
        writer.name("empty")
        writer.beginArray()
        writer.endArray()
        writer.name("list")
        writer.beginArray()
        writer.beginObject()
        writer.endObject()
        writer.null()
        writer.number("1e400")
        writer.raw(Array("[]".utf8))
        writer.value(0)
        writer.endArray()
        writer.name("dyn" + "amic\"")
        writer.value(true)
        writer.endObject()
        let expected =
            #"{"s":"x","i":-3,"min":-9223372036854775808,"u":18446744073709551615,"b":false,"tree":{"a":[null]},"#
            + #""view":{"kept" : [1 , 2]},"empty":[],"list":[{},null,1e400,[],0],"dynamic\"":true}"#
        #expect(writer.document.root["view"]?["kept"]?[1]?.int64Value == 2)
        #expect(String(decoding: writer.finish(), as: UTF8.self) == expected)
    }

    @Test("every character survives writing and reading; only what has to be is escaped")
    func strings() throws {
        #expect(
            JSONValue.string("\u{0}\u{8}\t\n\u{C}\r\u{1F}\"\\/\u{7F}é😀").text == #""\u0000\b\t\n\f\r\u001f\"\\/"#
                + "\u{7F}é😀\"")
        for value in 0...0x10FFFF {
            guard let scalar = Unicode.Scalar(UInt32(value)), value < 0x3000 || value % 97 == 0 || value > 0x10FFF0
            else { continue }
            let text = "ab\(scalar)cdefghijk\(scalar)"
            let view = JSONView.string(text)
            #expect(view.stringValue?.utf8.elementsEqual(text.utf8) == true)
        }
    }

    @Test("a writer is used again in the same memory")
    func reuse() {
        var writer = JSONWriter()
        writer.beginArray()
        writer.value("x")
        writer.removeAll()
        writer.value("y")
        #expect(writer.bytes == Array("\"y\"".utf8))
    }
}
