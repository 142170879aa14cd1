import JSON
import Testing

private func fault(_ bytes: [UInt8], _ limits: JSONLimits = JSONLimits()) -> JSONError? {
    do throws(JSONError) {
        _ = try JSONDocument.parse(bytes, limits: limits)
        return nil
    } catch {
        return error
    }
}

private func fault(_ text: String, _ limits: JSONLimits = JSONLimits()) -> JSONError? {
    fault(Array(text.utf8), limits)
}

@Suite("Parsing")
struct ParsingTests {
    @Test(
        "a faulty text is refused with its kind and place",
        arguments: [
            ("", .emptyInput, 0), (" \n\t", .emptyInput, 3),
            ("nul", .unexpectedEnd, 3), ("nulL", .unexpectedByte, 3), ("True", .unexpectedByte, 0),
            ("[1,]", .unexpectedByte, 3), ("[,1]", .unexpectedByte, 1), ("[1 2]", .unexpectedByte, 3),
            ("[1", .unexpectedEnd, 2), ("[", .unexpectedEnd, 1), ("[1}", .unexpectedByte, 2),
            ("{", .unexpectedEnd, 1), (#"{"a"}"#, .unexpectedByte, 4), (#"{"a":}"#, .unexpectedByte, 5),
            (#"{"a":1,}"#, .unexpectedByte, 7), ("{a:1}", .unexpectedByte, 1), (#"{"a":1]"#, .unexpectedByte, 6),
            (#"{"a":1 "b":2}"#, .unexpectedByte, 7), (#"{"a""#, .unexpectedEnd, 4),
            ("1 2", .trailingBytes, 2), ("{}}", .trailingBytes, 2), ("null\u{0C}", .trailingBytes, 4),
            ("1x", .trailingBytes, 1), ("[1x]", .unexpectedByte, 2),
            ("01", .invalidNumber, 1), ("-01", .invalidNumber, 2), ("-", .unexpectedEnd, 1), ("-x", .invalidNumber, 1),
            ("1.", .unexpectedEnd, 2), ("[1.]", .invalidNumber, 3), ("[1e+]", .invalidNumber, 4),
            (".5", .unexpectedByte, 0), ("+1", .unexpectedByte, 0), ("NaN", .unexpectedByte, 0),
            (#""a"#, .unexpectedEnd, 2), ("\"a\nb\"", .controlCharacter, 2), ("\"\u{1F}\"", .controlCharacter, 1),
            (#""\x""#, .invalidEscape, 1), (#""\u12G4""#, .invalidEscape, 1), (#""\u12"#, .unexpectedEnd, 5),
            (#""\"#, .unexpectedEnd, 2), (#""ab\U0041""#, .invalidEscape, 3),
            (#""\ud800""#, .loneSurrogate, 1), (#""\udc00""#, .loneSurrogate, 1), (#""\ud800x""#, .loneSurrogate, 1),
            (#""\ud800\n""#, .loneSurrogate, 1), (#""\ud800\ud800""#, .loneSurrogate, 1),
            (#""\ud800\u0041""#, .loneSurrogate, 1), (#"{"\ud800":1}"#, .loneSurrogate, 2),
        ] as [(String, JSONError.Kind, Int)])
    func refuses(text: String, kind: JSONError.Kind, offset: Int) throws {
        let error = try #require(fault(text))
        #expect(error.kind == kind)
        #expect(error.offset == offset)
        #expect(error.line == text.utf8.prefix(offset).count { $0 == 0x0A } + 1)
    }

    @Test(
        "bytes that are not UTF-8 are refused where they begin",
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
            [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
            [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xFC, 0x83, 0xBF, 0xBF, 0xBF, 0xBF], [0xFE], [0xFF],
        ] as [[UInt8]])
    func refusesUTF8(sequence: [UInt8]) throws {
        for padding in [0, 1, 7, 8, 9, 30] {
            let before = [UInt8](repeating: UInt8(ascii: "x"), count: padding)
            let error = try #require(fault([0x22] + before + sequence + [0x22]))
            #expect(error.kind == .invalidUTF8)
            #expect(error.offset == padding + 1)
        }
    }

    @Test("a byte order mark is refused, of UTF-8 as of UTF-16")
    func byteOrderMark() {
        #expect(fault([0xEF, 0xBB, 0xBF, 0x7B, 0x7D])?.kind == .byteOrderMark)
        #expect(fault([0xFF, 0xFE, 0x7B, 0x00])?.kind == .byteOrderMark)
        #expect(fault([0xFE, 0xFF, 0x00, 0x7B])?.kind == .byteOrderMark)
        #expect(fault("\"\u{FEFF}\"") == nil)
    }

    @Test("nesting is counted from the root and refused beyond the limit")
    func depth() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(fault(nested(64)) == nil)
        #expect(fault(nested(65))?.kind == .tooDeep)
        #expect(fault(nested(65))?.offset == 64)
        #expect(fault("1", JSONLimits(maximumDepth: 0)) == nil)
        #expect(fault("[]", JSONLimits(maximumDepth: 0))?.kind == .tooDeep)
        #expect(fault(#"{"a":[]}"#, JSONLimits(maximumDepth: 1))?.kind == .tooDeep)
        #expect(fault("[[],[],{}]", JSONLimits(maximumDepth: 2)) == nil)
        #expect(fault(nested(513), JSONLimits(maximumDepth: .max))?.kind == .tooDeep)
        #expect(fault(String(repeating: "[", count: 100_000))?.kind == .tooDeep)
        #expect(fault(String(repeating: #"{"a":"#, count: 50_000))?.kind == .tooDeep)
    }

    @Test("a text longer than allowed is refused before it is read")
    func length() {
        #expect(fault("[1,2]", JSONLimits(maximumBytes: 5)) == nil)
        #expect(fault("[1,2,", JSONLimits(maximumBytes: 4))?.kind == .tooLong)
    }

    @Test(
        "a member name that occurs twice is refused by its decoded text",
        arguments: [
            (#"{"a":1,"a":2}"#, 7, "a"), (#"{"a":1,"\u0061":2}"#, 7, "a"), (#"{"\u0061":1,"a":2}"#, 12, "a"),
            (#"{"\u00e9":1,"é":2}"#, 12, "é"), (#"{"":1,"b":2,"":3}"#, 12, ""),
            (#"{"x":{"k":[],"k":{}}}"#, 13, "k"), (#"{"\u0041":1,"b":2,"\u0041":3}"#, 18, "A"),
            (#"{"😀":1,"\ud83d\ude00":2}"#, 10, "😀"), (#"[{"a":{"a":{}}},{"b":1,"a":2,"b":3}]"#, 29, "b"),
        ])
    func duplicates(text: String, offset: Int, name: String) throws {
        let error = try #require(fault(text))
        #expect(error.kind == .duplicateMember)
        #expect(error.offset == offset)
        #expect(error.message.contains("\"\(name)\""))
    }

    @Test("names that only look alike are different members")
    func similarNames() throws {
        // U+00E9, and e with U+0301: canonically equivalent, not the same scalars.
        let document = try JSONDocument.parse(#"{"\u00e9":1,"e\u0301":2,"a":3,"A":4,"\\u0061":5}"#)
        #expect(document.root.count == 5)
        #expect(document.root["\u{E9}"]?.int64Value == 1)
        #expect(document.root["e\u{301}"]?.int64Value == 2)
        #expect(document.root.value["e\u{301}"]?.int64Value == 2)
        #expect(document.root[#"\u0061"#]?.int64Value == 5)
    }

    @Test("a duplicate is found in objects of every size", arguments: [2, 3, 16, 17, 31, 32, 33, 34, 100, 50_000])
    func largeObjects(count: Int) {
        let members = (0..<count).map { "\"name\($0)\":[{\"x\":\($0)}]" }
        #expect(fault("{" + members.joined(separator: ",") + "}") == nil)
        let first = "{" + members.joined(separator: ",") + ","
        let error = fault(first + "\"name\(count / 2)\":0,\"name0\":0}")
        #expect(error?.kind == .duplicateMember)
        #expect(error?.offset == first.utf8.count)
        #expect(fault(first + "\"n\\u0061me\(count / 2)\":0}")?.kind == .duplicateMember)
    }

    @Test("the same name fifty thousand times is refused at its second place")
    func sameNameOften() {
        let members = repeatElement("\"a\":1", count: 50_000).joined(separator: ",")
        #expect(fault("{\(members)}")?.offset == 7)
    }

    @Test("a fault is placed by line and column in bytes, with a plain sentence")
    func place() throws {
        let error = try #require(fault("{\n  \"é\": 1,\r\n  \"b\": ?\n}"))
        #expect(error.line == 3)
        #expect(error.column == 8)
        #expect(error.message == "Expected a value, found '?'.")
        #expect(error.description == "Expected a value, found '?'. (line 3, column 8)")
    }

    @Test("every beginning of a valid text is refused, never read beyond its end")
    func truncation() {
        let text = #" {"a":[1,-2.5e+3,"x\n\u00e9\ud83d\ude00 ünï",true,false,null,{}],"long name here":{"b":""}} "#
        let bytes = Array(text.utf8)
        #expect(fault(bytes) == nil)
        for length in 0..<bytes.count - 1 {
            let error = fault(Array(bytes[..<length]))
            #expect(error != nil)
            #expect((error?.offset ?? .max) <= length)
        }
    }

    @Test("white space of the four kinds is allowed between all tokens")
    func whiteSpace() throws {
        let document = try JSONDocument.parse(" \t\r\n{ \"a\" : [ 1 , 2 ] , \"b\" : { } , \"c\" : [ ] } \n")
        #expect(document.root == JSONView(["a": [1, 2], "b": [:], "c": []]))
    }

    @Test("a slice and a buffer are parsed from copies")
    func sources() throws {
        let bytes = Array("xx[1]yy".utf8)
        #expect(try JSONDocument.parse(bytes[2..<5]).root == JSONView([1]))
        let document = try bytes[2..<5].withUnsafeBufferPointer { try JSONDocument.parse($0) }
        #expect(document.bytes == Array("[1]".utf8))
    }
}
