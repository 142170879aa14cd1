import CEL
import EventSourcing
import JSON
import ProcessManagement

extension DefinedProcessManager {
    /// Why `key(of:)` gives nothing: computed once more, for those who have to mend it.
    public func keyFault(of event: Event) -> String? {
        guard let expression = definition.events.first(where: { $0.type == event.type })?.key else { return nil }
        let reason = Self.reason(expression, event)
        return reason.map { "'\(Self.cut(expression.source))' \($0)" }
    }

    private static func reason(_ expression: CompiledExpression, _ event: Event) -> String? {
        if let view = expression.path?.resolve(eventData: event.data) {
            return switch view.kind {
            case .string: reason(text: view.stringValue ?? "")
            case .number: KeyText.of(view) == nil ? "gives a number that is no integer" : nil
            case .null: "gives null, neither a string nor an integer"
            case .bool: "gives a bool, neither a string nor an integer"
            case .array: "gives a list, neither a string nor an integer"
            case .object: "gives an object, neither a string nor an integer"
            }
        }
        var budget = Budget()
        do throws(DecisionFault) {
            let value = try expression.evaluate(Frame(locating: event), &budget)
            if case .string(let text) = value { return reason(text: text) }
            return KeyText.of(value) == nil ? "gives \(name(value)), neither a string nor an integer" : nil
        } catch {
            return "fails: \(cut(error.message))"
        }
    }

    private static func name(_ value: CELValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "a bool"
        case .double, .number: "a double"
        case .decimal: "a decimal"
        case .list: "a list"
        case .map: "an object"
        case .timestamp: "a timestamp"
        case .duration: "a duration"
        default: "something"
        }
    }

    private static func reason(text: String) -> String? {
        if text.isEmpty { return "gives an empty string" }
        return text.utf8.contains(0) ? "gives a string with U+0000 in it" : nil
    }

    /// Both may be long, and the message holds those of several definitions.
    private static func cut(_ text: String) -> String {
        text.unicodeScalars.count > 200 ? "\(String(String.UnicodeScalarView(text.unicodeScalars.prefix(200))))…" : text
    }
}
