import CEL

/// What expressions of one definition are compiled against, one environment for each scope.
struct Environments: Sendable {
    private let environments: [CELEnvironment]

    init(counting shape: CountsShape, timeZones: (any CELTimeZones)?) {
        let types = VariableTypes(shape)
        environments = Scope.allCases.map { scope in
            CELEnvironment(
                variables: scope.variables.map { CELVariable($0.name, types[$0]) }, timeZones: timeZones)
        }
    }

    subscript(_ scope: Scope) -> CELEnvironment { environments[scope.rawValue] }
}

private struct VariableTypes {
    private let counts: CELType

    init(_ shape: CountsShape) {
        var machines: [String: CELType] = [:]
        for machine in shape.machines {
            var states: [String: CELType] = ["total": .int]
            for state in machine.states { states[state] = .int }
            machines[machine.name] = .record(CELRecordType("counts.\(machine.name)", states))
        }
        counts = .record(CELRecordType("counts", machines))
    }

    private static let machine = CELType.record(
        CELRecordType("machine", ["id": .string, "name": .string, "state": .string, "item": .dyn]))

    subscript(_ variable: Variable) -> CELType {
        switch variable {
        case .event:
            .record(
                CELRecordType(
                    "event",
                    [
                        "id": .string, "type": .string, "source": .string, "time": .timestamp, "data": .dyn,
                        "correlation_id": .string,
                    ]))
        case .data: .map(.string, .dyn)
        case .process:
            .record(
                CELRecordType(
                    "process",
                    [
                        "id": .string, "key": .string, "started_at": .timestamp, "status": .string,
                        "definition": .string, "definition_version": .int,
                    ]))
        case .machine: Self.machine
        case .machines: .list(Self.machine)
        case .counts: counts
        case .now: .timestamp
        case .task:
            .record(
                CELRecordType(
                    "task",
                    [
                        "id": .string, "type": .string, "input": .dyn, "result": .dyn, "code": .string,
                        "reason": .string, "attempts": .int,
                    ]))
        case .item: .dyn
        }
    }
}
