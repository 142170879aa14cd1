import CEL

/// What expressions of one definition are compiled against, one environment for each scope.
struct Environments: Sendable {
    private let environments: [CELEnvironment]

    init(counting shape: CountsShape, timeZones: (any CELTimeZones)?) {
        let types = VariableTypes(shape)
        environments = Scope.allCases.map { scope in
            CELEnvironment(
                variables: scope.variables.map { CELVariable($0.name, types[$0, in: scope]) }, timeZones: timeZones)
        }
    }

    subscript(_ scope: Scope) -> CELEnvironment { environments[scope.rawValue] }
}

private struct VariableTypes {
    private let counts: CELType
    private let results: CELType

    init(_ shape: CountsShape) {
        var machines: [String: CELType] = [:]
        for machine in shape.machines {
            var states: [String: CELType] = ["total": .int]
            for state in machine.states { states[state] = .int }
            machines[machine.name] = .record(CELRecordType("counts.\(machine.name)", states))
        }
        counts = .record(CELRecordType("counts", machines))
        var results: [String: CELType] = [:]
        for name in shape.spawned { results[name] = .list(.dyn) }
        self.results = .record(CELRecordType("results", results))
    }

    private static let machine = CELType.record(
        CELRecordType("machine", ["id": .string, "name": .string, "state": .string, "item": .dyn, "result": .dyn]))

    /// What a machine ended with is not for the conditions of an `always`: they are asked whenever one ends.
    private static let machineBeforeItsEnd = CELType.record(
        CELRecordType("machine", ["id": .string, "name": .string, "state": .string, "item": .dyn]))

    subscript(_ variable: Variable, in scope: Scope) -> CELType {
        let machine = scope == .alwaysCondition ? Self.machineBeforeItsEnd : Self.machine
        return switch variable {
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
        case .machine: machine
        case .machines: .list(machine)
        case .counts: counts
        case .now: .timestamp
        case .task:
            .record(
                CELRecordType(
                    "task",
                    [
                        "id": .string, "type": .string, "input": .dyn, "result": .dyn, "code": .string,
                        "reason": .string, "attempts": .int, "last_code": .string, "last_reason": .string,
                    ]))
        case .item: .dyn
        case .results: results
        }
    }
}
