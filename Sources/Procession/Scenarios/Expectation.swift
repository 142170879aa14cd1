import Chrono
import JSON

/// Compares answers with what a scenario expects: objects as subsets, lists item by item, null as null or absent.
struct Expectation {
    /// When the scenario began; `"T+75s"` is that long after it.
    let start: Instant

    /// The first difference, with its place; nil where the answer is as expected.
    func difference(_ expected: JSONValue, _ actual: JSONValue?, at pointer: String = "") -> String? {
        switch (expected, actual) {
        case (.null, nil), (.null, .null): return nil
        case (.object(let wanted), .object(let found)):
            for member in wanted {
                let place = "\(pointer)/\(member.name)"
                if let difference = difference(member.value, found[member.name], at: place) { return difference }
            }
            return nil
        case (.array(let wanted), .array(let found)):
            guard wanted.count == found.count else {
                return "\(pointer) has \(found.count) items, expected \(wanted.count): \(JSONValue.array(found).text)"
            }
            for (index, value) in wanted.enumerated() {
                if let difference = difference(value, found[index], at: "\(pointer)/\(index)") { return difference }
            }
            return nil
        case (.string(let text), let found):
            let wanted = JSONValue.string(time(text) ?? text)
            return wanted == found ? nil : mismatch(wanted, found, pointer)
        default: return expected == actual ? nil : mismatch(expected, actual, pointer)
        }
    }

    private func mismatch(_ expected: JSONValue, _ actual: JSONValue?, _ pointer: String) -> String {
        "\(pointer.isEmpty ? "the answer" : pointer) is \(actual?.text ?? "absent"), expected \(expected.text)"
    }

    /// Replaces `"T+…"` by times, everywhere.
    func resolve(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(time(text) ?? text)
        case .array(let items): .array(items.map(resolve))
        case .object(let object): .object(JSONObject(uniqueMembers: object.map { ($0.name, resolve($0.value)) }))
        case .null, .bool, .number: value
        }
    }

    private func time(_ text: String) -> String? {
        guard text.hasPrefix("T+"), let span = TimeSpan(text.dropFirst(2).description) else { return nil }
        return (start + span).rfc3339
    }
}
