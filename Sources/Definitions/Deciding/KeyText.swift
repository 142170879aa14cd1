import CEL
import JSON
import ProcessManagement

/// What can be a key, a correlation or the id of a machine: a string, or an integer as its decimal text, whatever its
/// length. The rules before the third knew integers of 64 bits.
enum KeyText {
    static func of(_ view: JSONView, by rules: DecisionRules = .present) -> String? {
        if let text = view.stringValue { return checked(text) }
        if let number = view.int64Value { return String(number) }
        return view.numberValue.flatMap { long($0, rules) }
    }

    static func of(_ value: CELValue, by rules: DecisionRules = .present) -> String? {
        switch value {
        case .string(let text): checked(text)
        case .int(let number): String(number)
        case .uint(let number): String(number)
        case .number(let number): long(number, rules)
        default: nil
        }
    }

    /// U+0000 may be in data, not in a key.
    private static func checked(_ text: String) -> String? {
        text.utf8.contains(0) ? nil : text
    }

    private static func long(_ number: JSONNumber, _ rules: DecisionRules) -> String? {
        guard rules >= .third else { return nil }
        let isWhole = number.text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) }
        return isWhole ? number.text : nil
    }

    /// An empty string is no key of an event: more likely, the sender left the member out. All events that lack it would
    /// meet in one process.
    static func filled(_ text: String?) -> String? {
        text.flatMap { $0.isEmpty ? nil : $0 }
    }
}
