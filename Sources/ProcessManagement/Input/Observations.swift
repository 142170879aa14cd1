import EventSourcing
import JSON

/// What a decision may know besides the stream. It is recorded with the input, so that deciding again needs the stream
/// only.
public struct Observations: Sendable, Equatable {
    /// Open tasks that a worker holds, or held when its attempt ran out.
    public var unsettled: [TaskID]
    /// Correlations that belong to another running process.
    public var taken: [Correlation]

    public init(unsettled: [TaskID] = [], taken: [Correlation] = []) {
        self.unsettled = unsettled
        self.taken = taken
    }

    public var isEmpty: Bool { unsettled.isEmpty && taken.isEmpty }

    /// As recorded with the input; nil when there is nothing to record.
    public var encoded: JSONView? {
        guard !isEmpty else { return nil }
        var writer = JSONWriter()
        writer.beginObject()
        if !unsettled.isEmpty {
            writer.name("unsettled")
            writer.beginArray()
            for task in unsettled { writer.value(task.description) }
            writer.endArray()
        }
        if !taken.isEmpty {
            writer.name("taken")
            writer.correlations(taken)
        }
        writer.endObject()
        return writer.document.root
    }

    public init(decoding view: JSONView?) throws(FactDecodingError) {
        self.init()
        guard let view else { return }
        unsettled = view["unsettled"]?.elements.compactMap { $0.stringValue.flatMap { UniqueID($0) } } ?? []
        taken = try FactReader(type: "observed", data: view).correlations("taken")
    }
}
