import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON
import ProcessManagement

extension ProcessionAPI {
    func postOutcome(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let body = try BodyReader(call.request)
        try body.allow(BodyReader.outcomeMembers)
        ask(.outcomes([try outcome(body, of: try taskID(path), tenant: call.tenant)]), call) { answer in
            guard case .outcomes(let results) = answer, let only = results.first else { return nil }
            switch only {
            case .success(let receipt):
                return .answer { writer in
                    writer.beginObject()
                    writer.outcome(receipt)
                    writer.endObject()
                }
            case .failure(let problem): return HTTPProblem(problem).response
            }
        }
    }

    /// Up to 100 outcomes at once, each with a result of its own.
    func postOutcomes(_ call: APICall) throws(HTTPProblem) {
        let body = try BodyReader(call.request)
        try body.allow(["outcomes"])
        guard let list = body.optional("outcomes"), list.kind == .array, (1...100).contains(list.count) else {
            throw body.fault("outcomes", "'outcomes' has to be a list of 1 to 100 outcomes")
        }
        var requests: [OutcomeRequest] = []
        for (index, view) in list.elements.enumerated() {
            let item = BodyReader(view, at: "/outcomes/\(index)")
            guard view.kind == .object else {
                throw HTTPProblem(RequestFault(.pointer(item.pointer), "an outcome has to be a JSON object"))
            }
            try item.allow(BodyReader.outcomeMembers.union(["task_id"]))
            guard let id = UniqueID(try item.string("task_id")) else {
                throw item.fault("task_id", "'task_id' has to be a UUID")
            }
            requests.append(try outcome(item, of: id, tenant: call.tenant))
        }
        let ids = requests.map(\.taskID)
        ask(.outcomes(requests), call) { answer in
            guard case .outcomes(let results) = answer else { return nil }
            return .answer { writer in
                writer.beginObject()
                writer.list("results", Array(zip(ids, results))) { writer, item in
                    writer.beginObject()
                    switch item.1 {
                    case .success(let receipt):
                        writer.outcome(receipt)
                        writer.member("status", 200)
                    case .failure(let problem):
                        writer.member("task_id", item.0)
                        writer.member("status", problem.code.status)
                        writer.name("problem")
                        HTTPProblem(problem).write(to: &writer)
                    }
                    writer.endObject()
                }
                writer.endObject()
            }
        }
    }

    private func outcome(_ body: BodyReader, of id: TaskID, tenant: String) throws(HTTPProblem) -> OutcomeRequest {
        OutcomeRequest(
            tenant: tenant, taskID: id, leaseToken: try body.string("lease_token"), outcome: try body.outcome())
    }
}
