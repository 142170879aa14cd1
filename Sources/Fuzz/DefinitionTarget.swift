import Definitions
import JSON

/// Definitions that are right, nearly right and damaged.
struct DefinitionTarget: FuzzTarget {
    /// Texts to damage, besides those that are made up.
    let samples: [[UInt8]]

    private static let words = [
        "{", "}", "[", "]", ",", ":", "\"", "null", "true", "0", "-1", "1e999", "\"to\"", "\"on\"", "\"task\"",
        "\"when\"",
        "\"always\"", "${", "}", "$${", "data.", "event.", "\\u0000", "\\ud800", "\u{FEFF}", "ä", "\"final\": true,",
        "\"restart\": true,", "{\"to\": \"A\"}", "'", "\\",
    ]

    func run(_ random: inout SeededGenerator) throws(Finding) -> Bool {
        let bytes = input(&random)
        let definition: Definition
        let warnings: [DefinitionFault]
        do throws(DefinitionFaults) {
            (definition, warnings) = try Definition.load(bytes)
        } catch {
            try check(error.faults, bytes)
            return false
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let again: (definition: Definition, warnings: [DefinitionFault])
        do throws(DefinitionFaults) {
            again = try Definition.decode(definition.canonical, version: 2)
        } catch {
            throw Finding("the stored form is refused: \(error.faults)", input: text)
        }
        guard again.definition.canonical.text == definition.canonical.text else {
            throw Finding("the stored form changes when it is read again", input: text)
        }
        guard again.warnings == warnings else {
            throw Finding("other warnings for the stored form: \(warnings), then \(again.warnings)", input: text)
        }
        return true
    }

    /// Every fault says something, and its pointer leads somewhere.
    private func check(_ faults: [DefinitionFault], _ bytes: [UInt8]) throws(Finding) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard !faults.isEmpty else { throw Finding("refused without a fault", input: text) }
        let document = try? JSONValue(parsing: bytes)
        for fault in faults {
            guard !fault.message.isEmpty, (fault.column ?? 1) >= 1 else {
                throw Finding("an empty fault: \(fault)", input: text)
            }
            if let document, !Self.leads(fault.pointer, into: document) {
                throw Finding("the pointer leads nowhere: \(fault)", input: text)
            }
        }
    }

    private static func leads(_ pointer: String, into document: JSONValue) -> Bool {
        if pointer.isEmpty { return true }
        var value: JSONValue? = document
        for part in pointer.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            let name = unescaped(part)
            value = value?.arrayValue == nil ? value?[name] : Int(name).flatMap { value?[$0] }
        }
        return value != nil
    }

    /// By bytes: to a `Character`, a `~` with a combining mark is none.
    private static func unescaped(_ part: Substring.UTF8View) -> String {
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in part {
            if isEscaped {
                bytes.append(byte == UInt8(ascii: "1") ? UInt8(ascii: "/") : UInt8(ascii: "~"))
                isEscaped = false
            } else if byte == UInt8(ascii: "~") {
                isEscaped = true
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func input(_ random: inout SeededGenerator) -> [UInt8] {
        var maker = RandomDefinition(slips: random.pick([0, 0, 0, 200, 30]))
        let made = maker.make(&random)
        switch random.below(4) {
        case 0, 1: return made.bytes
        case 2:
            var document = made
            if random.chance(2), !samples.isEmpty, let sample = try? JSONValue(parsing: random.pick(samples)) {
                document = sample
            }
            let spare = (made["states"]?.objectValue?.members ?? []).map(\.value) + [made]
            for _ in 0..<1 + random.below(3) { document = Mutations.apply(document, &random, spare: spare) }
            return document.bytes
        default:
            let base = random.chance(2) && !samples.isEmpty ? random.pick(samples) : made.bytes
            return Mutations.apply(base, &random, words: Self.words)
        }
    }
}
