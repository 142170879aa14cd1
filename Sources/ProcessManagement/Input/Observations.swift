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
    /// From how many runs under the same key the event was handed on to the next.
    public var handedOn: Int
    /// What the decision goes by.
    public var rules: DecisionRules

    public init(
        unsettled: [TaskID] = [], expired: [TaskID] = [], taken: [Correlation] = [], missing: [String] = [],
        handedOn: Int = 0, rules: DecisionRules = .present
    ) {
        self.unsettled = unsettled
        self.expired = expired
        self.taken = taken
        self.missing = missing
        self.handedOn = handedOn
        self.rules = rules
    }

    /// It says nothing but by which rules.
    private var isPlain: Bool { unsettled.isEmpty && taken.isEmpty && missing.isEmpty && handedOn == 0 }

    private static let plain = Self.encoding(Observations())

    /// What a cooperative cancel waits for.
    var held: [TaskID] { expired.isEmpty ? unsettled : unsettled.filter { !expired.contains($0) } }

    /// As recorded with the input; nil when there is nothing to record.
    public var encoded: JSONView? {
        if isPlain, rules == .present { return Self.plain }
        if isPlain, rules == .first { return nil }
        return Self.encoding(self)
    }

    private static func encoding(_ observed: Observations) -> JSONView {
        var writer = JSONWriter()
        writer.beginObject()
        observed.write(to: &writer)
        writer.endObject()
        return writer.document.root
    }

    private func write(to writer: inout JSONWriter) {
        if rules > .first { writer.member("rules", rules.rawValue) }
        if handedOn > 0 { writer.member("handed_on", handedOn) }
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
    }

    /// - Throws: also for rules of a newer release.
    public init(decoding view: JSONView?) throws(FactDecodingError) {
        self.init(rules: .first)
        guard let view else { return }
        if let number = view["rules"] {
            guard let rules = number.int64Value.flatMap({ DecisionRules(rawValue: Int($0)) }) else {
                throw FactDecodingError(type: "observed", member: "rules")
            }
            self.rules = rules
        }
        handedOn = Int(view["handed_on"]?.int64Value ?? 0)
        unsettled = Self.tasks(view["unsettled"])
        expired = Self.tasks(view["expired"])
        taken = try FactReader(type: "observed", data: view).correlations("taken")
        missing = view["missing"]?.elements.compactMap(\.stringValue) ?? []
    }

    private static func tasks(_ view: JSONView?) -> [TaskID] {
        view?.elements.compactMap { $0.stringValue.flatMap { UniqueID(canonical: $0) } } ?? []
    }
}
