import Chrono
import JSON

/// Compares answers with what a scenario expects: objects as subsets, lists item by item, null as null or absent, and
/// forms like `{"$any": […]}` as they say.
struct Expectation {
    /// When the scenario began; `"T+75s"` is that long after it.
    let start: Instant

    /// Forms inside of forms compare everything with everything; a simulation must not go on with that for long.
    private static let comparisons = 1_000_000

    /// The first difference, with its place; nil where the answer is as expected.
    func difference(_ expected: JSONValue, _ actual: JSONValue?) -> String? {
        var left = Self.comparisons
        let difference = difference(expected, actual, at: "", &left)
        return left > 0 ? difference : "there is more to compare than \(Self.comparisons) values"
    }

    /// `left`: how many values may yet be compared; when there are none left, nothing that is found counts.
    func difference(_ expected: JSONValue, _ actual: JSONValue?, at pointer: String, _ left: inout Int) -> String? {
        guard left > 0 else { return "" }
        left -= 1
        if let form = MatchingForm(expected) {
            return form.holds(for: actual, by: self, &left) ? nil : mismatch(expected, actual, pointer)
        }
        switch (expected, actual) {
        case (.null, nil), (.null, .null): return nil
        case (.object(let wanted), .object(let found)):
            for member in wanted {
                let place = "\(pointer)/\(member.name)"
                if let difference = difference(member.value, found[member.name], at: place, &left) {
                    return difference
                }
            }
            return nil
        case (.array(let wanted), .array(let found)):
            guard wanted.count == found.count else {
                return "\(pointer) has \(found.count) items, expected \(wanted.count): \(JSONValue.array(found).text)"
            }
            for (index, value) in wanted.enumerated() {
                if let difference = difference(value, found[index], at: "\(pointer)/\(index)", &left) {
                    return difference
                }
            }
            return nil
        case (.string(let text), let found):
            if let time = time(text), let moment = found?.stringValue.flatMap({ Instant(rfc3339: $0) }) {
                return time == moment ? nil : mismatch(.string(time.rfc3339), found, pointer)
            }
            return expected == found ? nil : mismatch(expected, found, pointer)
        default: return expected == actual ? nil : mismatch(expected, actual, pointer)
        }
    }

    private func mismatch(_ expected: JSONValue, _ actual: JSONValue?, _ pointer: String) -> String {
        "\(pointer.isEmpty ? "the answer" : pointer) is \(actual?.text ?? "absent"), expected \(expected.text)"
    }

    /// Replaces `"T+…"` and `"T-…"` by times, everywhere.
    func resolve(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(time(text)?.rfc3339 ?? text)
        case .array(let items): .array(items.map(resolve))
        case .object(let object): .object(JSONObject(uniqueMembers: object.map { ($0.name, resolve($0.value)) }))
        case .null, .bool, .number: value
        }
    }

    private func time(_ text: String) -> Instant? {
        guard text.hasPrefix("T+") || text.hasPrefix("T-"), let span = TimeSpan(text.dropFirst(2).description) else {
            return nil
        }
        if text.hasPrefix("T+") { return start + span }
        // Before 1970 nothing is written that could be meant.
        let time = start - span
        return time.milliseconds >= 0 ? time : nil
    }
}
