import Chrono
import Engine
import HTTPServer
import JSON
import ProcessManagement

/// What the body of a migration says.
struct MigrationReader {
    let tenant: String
    /// Who asks.
    let by: String?
    let body: BodyReader

    static let members: Set<String> = ["to_version", "state_map", "enter", "dry_run", "reason"]
    static let filters: Set<String> = [
        "from_version", "key", "status", "state", "incident", "suspended", "started_after", "started_before",
        "updated_after", "updated_before", "limit", "cursor",
    ]
    /// One call keeps the engine's thread for no longer than a moment.
    static let limit: ClosedRange<Int64> = 1...200

    func request(named name: String?, _ makeID: () -> String) throws(HTTPProblem) -> MigrationRequest {
        guard let version = try body.integer("to_version", in: 1...Int64(Int32.max)) else {
            throw body.fault("to_version", "'to_version' is required, the number of a version")
        }
        return MigrationRequest(
            tenant: tenant, toVersion: Int(version), stateMap: try stateMap(),
            enter: try body.bool("enter") ?? false, dryRun: try body.bool("dry_run") ?? false,
            reason: try body.optionalString("reason"), by: by, requestID: name ?? makeID(), isNamed: name != nil)
    }

    /// Old state → new state, or that by machine.
    private func stateMap() throws(HTTPProblem) -> StateMap {
        var map = StateMap()
        guard let view = body.optional("state_map") else { return map }
        let reader = BodyReader(view, at: body.place("state_map"))
        guard view.kind == .object else { throw body.fault("state_map", "'state_map' has to be an object") }
        for (name, value) in view.members {
            if let target = value.stringValue {
                map.everywhere[name] = target
            } else if value.kind == .object {
                let states = BodyReader(value, at: reader.place(name))
                for (state, target) in value.members {
                    guard let target = target.stringValue else {
                        throw states.fault(state, "the new state has to be a string")
                    }
                    map.machines[name, default: [:]][state] = target
                }
            } else {
                throw reader.fault(name, "has to be a state, or for a machine an object of states")
            }
        }
        return map
    }

    /// The processes of a definition that are to move. Without `status`, those that have not ended.
    func list(of definition: String, to version: Int) throws(HTTPProblem) -> ProcessList {
        var query = ProcessQuery(tenant: tenant, limit: Int(try body.integer("limit", in: Self.limit) ?? 100))
        query.definition = definition
        query.key = try body.optionalString("key")
        query.status = try statuses()
        query.hasIncident = try body.bool("incident")
        query.suspended = try body.bool("suspended")
        query.startedAfter = try instant("started_after")
        query.startedBefore = try instant("started_before")
        query.updatedAfter = try instant("updated_after")
        query.updatedBefore = try instant("updated_before")
        if let cursor = try body.optionalString("cursor") {
            guard let handle = Cursor.handle(cursor) else { throw body.fault("cursor", "this is not a cursor") }
            query.before = handle
        }
        return ProcessList(
            query: query, state: try body.optionalString("state"),
            version: try body.integer("from_version", in: 1...Int64(Int32.max)).map { Int($0) }, otherThan: version)
    }

    private func statuses() throws(HTTPProblem) -> [ProcessStatus] {
        guard let member = body.optional("status") else { return ProcessStatus.allCases.filter { !$0.isEnd } }
        var found: [ProcessStatus] = []
        for view in member.kind == .array ? Array(member.elements) : [member] {
            found.append(
                try KnownWords.read(
                    view.stringValue ?? view.text, as: "status", among: ProcessStatus.allCases,
                    at: .pointer(body.place("status"))))
        }
        return found
    }

    private func instant(_ name: String) throws(HTTPProblem) -> Instant? {
        guard let text = try body.optionalString(name) else { return nil }
        guard let instant = Instant(rfc3339: text) else {
            throw body.fault(name, "'\(name)' has to be a time such as 2026-01-31T12:00:00Z")
        }
        return instant
    }
}
