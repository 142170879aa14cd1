import JSON
import Testing

@Suite("Views")
struct ViewTests {
    private let text =
        #"{"s":"a\u0000\"\\\/\b\f\n\r\té\ud83d\ude00", "n" : -12.50, "t":true,"f":false,"z":null,"a":[ 1,[2,{}],"x" ],"o":{"\u0061":{"b":[]}}}"#

    @Test("values are read without conversion between kinds")
    func reading() throws {
        let root = try JSONDocument.parse(text).root
        #expect(root.kind == .object)
        #expect(root.count == 7)
        #expect(root["s"]?.stringValue == "a\0\"\\/\u{8}\u{C}\n\r\té😀")
        #expect(root["s"]?.kind == .string)
        #expect(root["s"]?.numberText == nil)
        #expect(root["n"]?.numberText == "-12.50")
        #expect(root["n"]?.doubleValue == -12.5)
        #expect(root["n"]?.stringValue == nil)
        #expect(root["t"]?.boolValue == true)
        #expect(root["f"]?.boolValue == false)
        #expect(root["z"]?.boolValue == nil)
        #expect(root["z"]?.isNull == true)
        #expect(root["z"]?.kind == .null)
        #expect(root["a"]?.count == 3)
        #expect(root["a"]?[1]?[1]?.kind == .object)
        #expect(root["a"]?[2]?.stringValue == "x")
        #expect(root["a"]?[3] == nil)
        #expect(root["a"]?[-1] == nil)
        #expect(root["a"]?["x"] == nil)
        #expect(root["o"]?["a"]?["b"]?.count == 0)
        #expect(root["o"]?[0] == nil)
        #expect(root["missing"] == nil)
        #expect(root["z"]?.count == 0)
    }

    @Test("elements and members are walked in the order sent")
    func walking() throws {
        let root = try JSONDocument.parse(text).root
        #expect(root.members.map(\.name) == ["s", "n", "t", "f", "z", "a", "o"])
        #expect(root["a"]?.elements.map(\.text) == ["1", "[2,{}]", "\"x\""])
        #expect(root["o"]?.members.map(\.name) == ["a"])
        #expect(root.elements.map(\.text).isEmpty)
        #expect(root["a"]?.members.map(\.name).isEmpty == true)
        #expect(root["z"]?.elements.map(\.text).isEmpty == true)
        var kinds: [JSONView.Kind] = []
        root.forEachMember { _, value in kinds.append(value.kind) }
        #expect(kinds == [.string, .number, .bool, .bool, .null, .array, .object])
    }

    @Test("raw bytes are exactly those received")
    func rawBytes() throws {
        let document = try JSONDocument.parse("  \(text) ")
        #expect(document.bytes == Array("  \(text) ".utf8))
        #expect(document.root.text == text)
        #expect(document.root["a"]?.text == #"[ 1,[2,{}],"x" ]"#)
        #expect(document.root["a"]?.rawByteCount == 16)
        #expect(document.root["n"]?.withRawBytes { Array($0) } == Array("-12.50".utf8))
    }

    @Test("a detached value reads as before and carries only its own bytes")
    func detached() throws {
        let root = try JSONDocument.parse(text).root
        for (_, value) in root.members {
            let copy = value.detached()
            #expect(copy == value)
            #expect(copy.value == value.value)
            #expect(copy.text == value.text)
            #expect(copy.contentHash() == value.contentHash())
        }
        let inner = try #require(root["a"]?[1])
        #expect(inner.detached()[1]?.text == "{}")
        #expect(root["o"]?.detached()["a"]?["b"]?.detached().kind == .array)
        #expect(root.detached() == root)
    }

    @Test("views are made of trees")
    func made() {
        #expect(JSONView.null.isNull)
        #expect(JSONView.string("a\"\n").stringValue == "a\"\n")
        #expect(JSONView(["a": [1]])["a"]?[0]?.int64Value == 1)
        #expect(JSONDocument(["a": [1]]).bytes == Array(#"{"a":[1]}"#.utf8))
    }

    @Test(
        "equal values are equal views of the same hash",
        arguments: [
            (#"{"a":1,"b":[true,null]}"#, #" { "b" : [ true , null ] , "a" : 1 } "#),
            (#"["\u0061\n\ud83d\ude00/"]"#, #"["a\u000a😀\/"]"#), (#"{"\u0061bcdefgh":1}"#, #"{"abcdefgh":1}"#),
            (#"{"a":{"x":1,"y":2},"b":{}}"#, #"{"b":{},"a":{"y":2,"x":1}}"#), ("[]", "[ ]"),
            (#""abcdefghijklmnopq""#, #""abcdefgh\u0069jklmnop\u0071""#),
        ])
    func equal(left: String, right: String) throws {
        let left = try JSONDocument.parse(left).root
        let right = try JSONDocument.parse(right).root
        #expect(left == right)
        #expect(right == left)
        #expect(left.value == right.value)
        #expect(left.contentHash() == right.contentHash())
        #expect(left.contentHash(seed: 9) == right.contentHash(seed: 9))
        #expect(left.contentHash(seed: 9) != left.contentHash())
    }

    @Test("different values are different views of different hashes")
    func different() throws {
        let texts = [
            "null", "true", "false", "0", "1", "1.0", "10", "\"\"", "\"1\"", "\"null\"", "\"\\u0000\"", "[]", "{}",
            "[[]]", "[{}]", "[1]", "[1,2]", "[2,1]", "[[1],2]", "[[1,2]]", #"{"a":1}"#, #"{"a":"1"}"#, #"{"b":1}"#,
            #"{"a":"b"}"#, #"{"b":"a"}"#, #"{"a":1,"b":2}"#, #"{"a":2,"b":1}"#, #"{"a":{"b":1}}"#, "[\"a\",1]",
            #"{"a":null}"#, #"{"a":1,"b":null}"#, "\"é\"", "\"e\u{301}\"", "[null]", "[null,null]", "\"a\"",
            "\"aaaaaaaa\"", "\"aaaaaaaaa\"", "\"aaaaaaaa\\u0000\"",
        ]
        let views = try texts.map { try JSONDocument.parse($0).root }
        for (leftPlace, left) in views.enumerated() {
            for (rightPlace, right) in views.enumerated() {
                #expect((left == right) == (leftPlace == rightPlace), "\(left.text) \(right.text)")
                #expect((left.value == right.value) == (leftPlace == rightPlace), "\(left.text) \(right.text)")
            }
        }
        #expect(Set(views.map { $0.contentHash() }).count == texts.count)
    }

    @Test("the hash is the same in every process and release")
    func stableHash() throws {
        let root = try JSONDocument.parse(#"{"order":"4711","amount":12.50,"tags":["a","b"],"note":null}"#).root
        #expect(root.contentHash() == 15_354_112_658_724_465_874)
    }

    @Test("large objects in any order are compared without quadratic time", arguments: [16, 33, 20_000])
    func largeObjects(count: Int) throws {
        let members = (0..<count).map { "\"name\($0)\":\($0)" }
        let forward = try JSONDocument.parse("{" + members.joined(separator: ",") + "}").root
        let backward = try JSONDocument.parse("{" + members.reversed().joined(separator: ",") + "}").root
        let other = try JSONDocument.parse(
            "{" + members.dropLast().reversed().joined(separator: ",") + ",\"name\":0}"
        ).root
        #expect(forward == backward)
        #expect(forward != other)
        #expect(other != forward)
        #expect(forward.value == backward.value)
        #expect(forward.contentHash() == backward.contentHash())
        #expect(forward["name\(count - 1)"]?.int64Value == Int64(count - 1))
    }
}
