/// Why an input could not be decided. The input is recorded all the same, and an incident waits for an operator.
public struct DecisionFault: Error, Sendable, Equatable {
    public var kind: IncidentKind
    public var message: String
    /// The place in the definition, a JSON Pointer.
    public var pointer: String?

    public init(_ kind: IncidentKind, _ message: String, pointer: String? = nil) {
        self.kind = kind
        self.message = message
        self.pointer = pointer
    }

    static func taken(_ correlation: Correlation) -> DecisionFault {
        DecisionFault(
            .correlationTaken, "another running process has the \(correlation.name) '\(correlation.value)'")
    }

    static func missing(_ child: ChildProcess, at pointer: String?) -> DecisionFault {
        DecisionFault(
            .definitionMissing, "there is no definition '\(child.definition)' to start a child process of",
            pointer: pointer.flatMap { $0.isEmpty ? nil : $0 })
    }
}
