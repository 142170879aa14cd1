import EventSourcing
import JSON
import ProcessManagement

/// An expression that only picks a part of a payload, such as `event.data.order_id`.
///
/// Most expressions in definitions are of this kind. They are answered without evaluating anything, with every digit
/// as it was received; whatever is not found goes to the evaluator, which says what is wrong.
struct ValuePath: Sendable {
    enum Root: Sendable {
        case eventData
        case data
        case item
        case taskInput
        case taskResult
    }

    let root: Root
    let members: [String]

    /// Nil for any other expression.
    init?(_ source: String, in scope: Scope) {
        let parts = source.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy(Self.isIdentifier) else { return nil }
        switch (parts[0], parts.count > 1 ? parts[1] : "") {
        case ("event", "data"): self.init(.eventData, parts.dropFirst(2))
        case ("data", _) where parts.count > 1: self.init(.data, parts.dropFirst())
        case ("machine", "item"): self.init(.item, parts.dropFirst(2))
        case ("task", "input"): self.init(.taskInput, parts.dropFirst(2))
        case ("task", "result"): self.init(.taskResult, parts.dropFirst(2))
        case ("item", _) where scope == .spawnID: self.init(.item, parts.dropFirst())
        default: return nil
        }
    }

    private init(_ root: Root, _ members: ArraySlice<String>) {
        self.root = root
        self.members = Array(members)
    }

    private static func isIdentifier(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(first >= UInt8(ascii: "0") && first <= UInt8(ascii: "9")) else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            let letter = byte | 0x20
            return letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z") || byte == UInt8(ascii: "_")
                || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
        }
    }

    /// The part of an event's data; nil for any other root.
    func resolve(eventData: JSONView) -> JSONView? {
        guard case .eventData = root else { return nil }
        var view: JSONView? = eventData
        for name in members { view = view?[name] }
        return view
    }

    /// The part, as it lies in the payload; nil where there is none.
    func resolve(_ frame: borrowing Frame) -> JSONView? {
        var rest = members[...]
        var view: JSONView?
        switch root {
        case .eventData: view = frame.event?.data
        case .data:
            guard let name = rest.popFirst() else { return nil }
            view = frame.dataMember(name)
        case .item: view = frame.item ?? frame.machine?.item
        case .taskInput: view = frame.task?.task.input
        case .taskResult: view = frame.task?.result
        }
        while let name = rest.popFirst() { view = view?[name] }
        return view
    }
}
