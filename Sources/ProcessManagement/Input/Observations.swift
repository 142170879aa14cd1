import EventSourcing
import JSON

/// What a decision may know besides the stream. It is recorded with the input, so that deciding again needs the stream
/// only.
public struct Observations: Sendable, Equatable {
    /// Open tasks that a worker holds, or held when its attempt ran out.
    public var unsettled: [TaskID]
    /// Those of `unsettled` that nobody holds any more: they wait for their next attempt, and nobody knows what the one
    /// that ran out has done.
    public var expired: [TaskID]
    /// Correlations that belong to another running process.
    public var taken: [Correlation]
    /// Definitions of child processes that are not stored.
    public var missing: [String]

    public init(
        unsettled: [TaskID] = [], expired: [TaskID] = [], taken: [Correlation] = [], missing: [String] = []
    ) {
        self.unsettled = unsettled
        self.expired = expired
        self.taken = taken
        self.missing = missing
    }

    public var isEmpty: Bool { unsettled.isEmpty && taken.isEmpty && missing.isEmpty }

    /// What a cooperative cancel waits for.
    var held: [TaskID] { expired.isEmpty ? unsettled : unsettled.filter { !expired.contains($0) } }

    /// As recorded with the input; nil when there is nothing to record.
    public var encoded: JSONView? {
        guard !isEmpty else { return nil }
        var writer = JSONWriter()
        writer.beginObject()
        for (name, tasks) in [("unsettled", unsettled), ("expired", expired)] where !tasks.isEmpty {
            writer.name(name)
            writer.beginArray()
            for task in tasks { writer.value(task.description) }
            writer.endArray()
        }
        if !taken.isEmpty {
            writer.name("taken")
            writer.correlations(taken)
        }
        if !missing.isEmpty {
            writer.name("missing")
            writer.beginArray()
            for definition in missing { writer.value(definition) }
            writer.endArray()
        }
        writer.endObject()
        return writer.document.root
    }

    public init(decoding view: JSONView?) throws(FactDecodingError) {
        self.init()
        guard let view else { return }
        unsettled = Self.tasks(view["unsettled"])
        expired = Self.tasks(view["expired"])
        taken = try FactReader(type: "observed", data: view).correlations("taken")
        missing = view["missing"]?.elements.compactMap(\.stringValue) ?? []
    }

    private static func tasks(_ view: JSONView?) -> [TaskID] {
        view?.elements.compactMap { $0.stringValue.flatMap { UniqueID(canonical: $0) } } ?? []
    }
}
