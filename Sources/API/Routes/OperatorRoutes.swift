import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON
import ProcessManagement

extension ProcessionAPI {
    func cancelProcess(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let body = try BodyReader(call.request, mayBeEmpty: true)
        try body.allow(["reason", "mode", "compensate", "deadline"])
        let mode: CancelMode? = try body.word("mode", among: [.hard, .cooperative])
        try operate(
            call, path,
            .cancel(
                reason: try body.optionalString("reason"), mode: mode, compensate: try body.bool("compensate"),
                deadline: try body.timeSpan("deadline")))
    }

    func suspendProcess(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        try operate(call, path, .suspend(reason: try reason(call)))
    }

    func resumeProcess(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        try operate(call, path, .resume(reason: try reason(call)))
    }

    func retryIncident(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let body = try BodyReader(call.request, mayBeEmpty: true)
        try body.allow(["input", "set", "reason"])
        let set = body.view["set"]
        if let set, set.kind != .object { throw body.fault("set", "'set' has to be an object") }
        let mend = IncidentMend(input: body.view["input"], set: set, reason: try body.optionalString("reason"))
        try operate(call, path, .retryIncident(try incidentID(path), mend))
    }

    func resolveIncident(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let body = try BodyReader(call.request, mayBeEmpty: true)
        try body.allow(["result"])
        try operate(call, path, .resolveIncident(try incidentID(path), result: body.view["result"]))
    }

    private func reason(_ call: APICall) throws(HTTPProblem) -> String? {
        let body = try BodyReader(call.request, mayBeEmpty: true)
        try body.allow(["reason"])
        return try body.optionalString("reason")
    }

    private func incidentID(_ path: HTTPPathParameters) throws(HTTPProblem) -> IncidentID {
        guard let text = path["incident_id"], let id = UniqueID(text) else {
            throw HTTPProblem(Problem(.incidentNotFound, "there is no such incident"))
        }
        return id
    }

    private func operate(
        _ call: APICall, _ path: HTTPPathParameters, _ action: OperatorRequest.Action
    ) throws(HTTPProblem) {
        let key = try call.idempotencyKey()
        let request = OperatorRequest(
            tenant: call.tenant, processID: try processID(path), action: action,
            by: call.caller.name, requestID: key ?? options.makeID(), isNamed: key != nil)
        ask(.operate(request), call) { answer in
            guard case .process(let view) = answer else { return nil }
            return .answer { $0.process(view.state, tasks: view.tasks) }
        }
    }
}
