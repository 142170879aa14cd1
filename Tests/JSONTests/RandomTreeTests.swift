import JSON
import TestSupport
import Testing

extension SeededGenerator {
    mutating func text() -> String {
        let letters: [Character] = [
            "a", "b", "Z", "0", " ", "\"", "\\", "/", "\n", "\0", "\u{1F}", "é", "€", "😀", "\u{FFFF}",
        ]
        return String(
            (0..<Int.random(in: 0...20, using: &self)).map { _ in letters.randomElement(using: &self) ?? "a" })
    }

    mutating func tree(depth: Int) -> JSONValue {
        switch Int.random(in: 0...(depth == 0 ? 4 : 8), using: &self) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &self))
        case 2:
            return .number(
                JSONNumber(Int64.random(in: .min ... .max, using: &self) >> Int64.random(in: 0...63, using: &self)))
        case 3: return JSONNumber(Double.random(in: -1e9...1e9, using: &self)).map(JSONValue.number) ?? .null
        case 4: return .string(text())
        case 5, 6:
            return .array((0..<Int.random(in: 0...6, using: &self)).map { _ in tree(depth: depth - 1) })
        default:
            var object = JSONObject()
            let isLarge = Int.random(in: 0...9, using: &self) == 0
            for number in 0..<Int.random(in: 0...(isLarge ? 50 : 6), using: &self) {
                object[isLarge ? "\(text())\(number)" : text()] = tree(depth: isLarge ? 0 : depth - 1)
            }
            return .object(object)
        }
    }

    mutating func shuffled(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map { shuffled($0) })
        case .object(let object):
            let members = object.members.shuffled(using: &self).map { (name: $0.name, value: shuffled($0.value)) }
            return .object(JSONObject(uniqueMembers: members))
        default: return value
        }
    }

    /// One more member, or another leaf.
    mutating func changed(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(var object):
            if let member = object.members.randomElement(using: &self), Bool.random(using: &self) {
                object[member.name] = changed(member.value)
            } else {
                object["added"] = 1
            }
            return .object(object)
        case .array(var elements):
            if !elements.isEmpty, Bool.random(using: &self) {
                let position = Int.random(in: 0..<elements.count, using: &self)
                elements[position] = changed(elements[position])
            } else {
                elements.append(nil)
            }
            return .array(elements)
        case .string(let text): return .string(text + "x")
        case .bool(let value): return .bool(!value)
        case .number: return "number"
        case .null: return 0
        }
    }
}

@Suite("Random trees")
struct RandomTreeTests {
    @Test("a tree survives writing and parsing, compact and for people", arguments: 0..<20)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        for _ in 0..<50 {
            let tree = generator.tree(depth: 6)
            let document = try JSONDocument.parse(tree.bytes)
            #expect(document.root.value == tree)
            #expect(document.root.value.bytes == tree.bytes)
            let pretty = try JSONDocument.parse(tree.prettyText)
            #expect(pretty.root == document.root)
            #expect(pretty.root.contentHash() == document.root.contentHash())
            #expect(pretty.root.detached().value == tree)
        }
    }

    @Test("what is indexed while it is written reads as if it had been scanned", arguments: 0..<20)
    func indexedWriting(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed &* 31 &+ 5)
        for _ in 0..<50 {
            let (tree, part) = (generator.tree(depth: 5), generator.tree(depth: 3))
            let copied = Array(try JSONDocument.parse("[0, \(part.prettyText), 1]").root.elements)[1]
            var writer = JSONWriter(indexed: true)
            writer.beginObject()
            writer.member("tree", tree)
            writer.member("copied", copied)
            writer.member("flag", true)
            writer.name("list")
            writer.beginArray()
            writer.value(copied)
            writer.value(-17)
            writer.raw(tree.bytes)
            writer.endArray()
            writer.endObject()
            let (written, scanned) = (writer.document.root, try JSONDocument.parse(writer.bytes).root)
            #expect(written.value == scanned.value)
            #expect(written == scanned)
            #expect(written.contentHash() == scanned.contentHash())
            #expect(written["list"]?.count == 3)
            #expect(written["copied"]?.detached().value == part)
        }
    }

    @Test("views and hashes agree about shuffled and about changed values", arguments: 0..<20)
    func shuffling(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed &* 7919)
        for _ in 0..<50 {
            let tree = generator.tree(depth: 5)
            let view = JSONView(tree)
            let shuffled = JSONView(generator.shuffled(tree))
            #expect(view == shuffled)
            #expect(view.value == shuffled.value)
            #expect(view.contentHash(seed: seed) == shuffled.contentHash(seed: seed))
            let changed = JSONView(generator.changed(tree))
            #expect(view != changed)
            #expect(view.value != changed.value)
            #expect(view.contentHash(seed: seed) != changed.contentHash(seed: seed))
        }
    }

    @Test("damaged texts are refused or read the same again, never a crash", arguments: 0..<20)
    func damage(seed: UInt64) {
        var generator = SeededGenerator(state: seed &* 104_729 &+ 1)
        let likely = Array("\"\\{}[],:0123456789eE+-.tfnu \n".utf8) + [0x00, 0x80, 0xC3, 0xE2, 0xED, 0xF0, 0xFF]
        for _ in 0..<200 {
            var bytes = generator.tree(depth: 3).bytes
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let position = Int.random(in: 0..<bytes.count, using: &generator)
                let byte = likely.randomElement(using: &generator) ?? 0
                if Bool.random(using: &generator) { bytes[position] = byte } else { bytes.insert(byte, at: position) }
            }
            do throws(JSONError) {
                let document = try JSONDocument.parse(bytes)
                #expect(String(validating: bytes, as: UTF8.self) != nil)
                #expect(document.bytes == bytes)
                #expect(try JSONDocument.parse(document.root.value.bytes).root == document.root)
            } catch {
                #expect(error.offset <= bytes.count)
                #expect(!error.message.isEmpty)
            }
        }
    }

    @Test("a string is accepted exactly when its bytes are UTF-8", arguments: 0..<10)
    func validity(seed: UInt64) {
        var generator = SeededGenerator(state: seed &* 15_485_863 &+ 3)
        let edges: [UInt8] = [
            0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
            0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
                edges.randomElement(using: &generator) ?? 0
            }
            let isAccepted = (try? JSONDocument.parse([0x22] + bytes + [0x22])) != nil
            #expect(isAccepted == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
        }
    }
}
