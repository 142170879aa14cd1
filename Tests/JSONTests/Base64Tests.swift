import JSON
import Testing

@Suite("Base64")
struct Base64Tests {
    @Test(
        "the examples of RFC 4648 section 10 go both ways",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func examples(plain: String, encoded: String) {
        #expect(Base64.encode(plain.utf8) == encoded)
        #expect(Base64.decode(encoded.utf8) == Array(plain.utf8))
        let bare = encoded.prefix { $0 != "=" }
        #expect(Base64.decode(bare.utf8, padding: .optional) == Array(plain.utf8))
        #expect(Base64.decodeURLSafe(bare.utf8) == Array(plain.utf8))
        #expect(bare == encoded || Base64.decode(bare.utf8) == nil)
        #expect(bare == encoded || Base64.decodeURLSafe(encoded.utf8) == nil)
    }

    @Test("every byte comes back")
    func allBytes() {
        for length in 0..<5 {
            let bytes = (0...255).map { UInt8($0) }.dropLast(length)
            #expect(Base64.decode(Base64.encode(bytes).utf8) == Array(bytes))
        }
    }

    @Test(
        "what is no base64 is refused",
        arguments: [
            "A", "A===", "====", "AAA", "AA=A", "=AAA", "AA==AA==", "AAAA=", "AA A", "AA-_", "AAé=", "Zg=", "A=A=",
        ])
    func faults(text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }

    @Test("the two alphabets differ in two digits; only the one for URLs refuses bits that mean nothing")
    func alphabets() {
        #expect(Base64.decode("+/+/".utf8) == [0xFB, 0xFF, 0xBF])
        #expect(Base64.decodeURLSafe("-_-_".utf8) == [0xFB, 0xFF, 0xBF])
        #expect(Base64.decodeURLSafe("+/+/".utf8) == nil)
        #expect(Base64.decode("Zh==".utf8) == Array("f".utf8))
        #expect(Base64.decodeURLSafe("Zh".utf8) == nil)
        #expect(Base64.decodeURLSafe("Zg".utf8) == Array("f".utf8))
    }
}
