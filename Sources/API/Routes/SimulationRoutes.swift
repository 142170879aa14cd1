import Engine
import HTTPServer
import JSON

/// A scenario to be played, with the definitions that it may name.
public struct SimulationRequest: Sendable {
    public var scenario: JSONView
    /// The definition that the path names: the one that was posted, or a stored version.
    public var definition: JSONView
    /// The newest stored version of every other definition, by name.
    public var others: [ExactText: JSONView]

    public init(scenario: JSONView, definition: JSONView, others: [ExactText: JSONView]) {
        self.scenario = scenario
        self.definition = definition
        self.others = others
    }
}

public enum SimulationResult: Sendable {
    /// The document that answers the call.
    case played(JSONValue)
    /// The scenario is none: what is wrong with it, by JSON Pointer into it.
    case invalid(pointer: String, message: String)
    /// It could not be played at all.
    case failed(String)
}

extension ProcessionAPI {
    func simulate(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let name = path["name"] ?? ""
        let body = try BodyReader(call.request)
        try body.allow(["scenario", "definition", "version"])
        guard let scenario = body.optional("scenario"), scenario.kind == .object else {
            throw body.fault("scenario", "'scenario' is required, an object")
        }
        let version = try body.integer("version", in: 1...Int64(Int32.max)).map { Int($0) }
        var posted: JSONView?
        if let definition = body.optional("definition") {
            guard version == nil else { throw body.fault("version", "give 'version' or 'definition', not both") }
            guard case .valid(let content, _) = try checked(definition, name) else { return }
            posted = content
        }
        let (wanted, content) = (version, posted)
        read(call) { [self] reader throws(HTTPProblem) in
            let rows = try reading { () throws(StoreError) in try reader.definitions() }
            let stored = rows.last { $0.name == name && (wanted == nil || $0.version == wanted) }?.content
            guard let definition = content ?? stored else {
                throw HTTPProblem(Problem(.definitionNotFound, "there is no such definition"))
            }
            var others: [ExactText: JSONView] = [:]
            for row in rows where row.name != name { others[row.name] = row.content }
            let request = SimulationRequest(scenario: scenario, definition: definition, others: others)
            guard options.simulate?(request, { call.respond(Self.response(to: $0)) }) == true else {
                throw HTTPProblem(Problem(.overloaded, "too many simulations are waiting"))
            }
            return nil
        }
    }

    private func checked(_ definition: JSONView, _ name: String) throws(HTTPProblem) -> DefinitionCheck {
        let check = options.checkDefinition(name, definition)
        if case .invalid(let faults) = check {
            throw HTTPProblem(
                .definitionInvalid, "\(name) has faults", faults: faults.map { $0.inside("/definition") })
        }
        return check
    }

    private static func response(to result: SimulationResult) -> HTTPResponse {
        switch result {
        case .played(let document): .answer { $0.value(document) }
        case .invalid(let pointer, let message):
            HTTPProblem(RequestFault(.pointer("/scenario\(pointer)"), message)).response
        case .failed(let message): HTTPProblem(Problem(.storeUnavailable, message)).response
        }
    }
}

extension RequestFault {
    /// The same fault of a document that is a part of the body.
    fileprivate func inside(_ prefix: String) -> RequestFault {
        guard case .pointer(let pointer) = place else { return self }
        var fault = self
        fault.place = .pointer(prefix + pointer)
        return fault
    }
}
