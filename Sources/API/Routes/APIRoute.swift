import HTTPServer

/// One entry of the routing table.
struct APIRoute: Sendable {
    typealias Run = @Sendable (ProcessionAPI, APICall, HTTPPathParameters) throws(HTTPProblem) -> Void

    /// The query parameters that are known here; any other is refused before the route runs.
    let parameters: Set<String>
    /// Those of them that may be given more than once.
    let repeatable: Set<String>
    /// The media types of its answers, problems aside; a caller that accepts none of them is refused.
    let offers: [String]
    let run: Run

    static let json = ["application/json"]
    static let feed = ["application/json", "text/event-stream"]
    static let pictures = DiagramFormat.allCases.map(\.rawValue)

    init(
        parameters: Set<String> = [], repeatable: Set<String> = [], offers: [String] = json, _ run: @escaping Run
    ) {
        self.parameters = parameters.union(repeatable)
        self.repeatable = repeatable
        self.offers = offers
        self.run = run
    }

    /// Method, path pattern, query parameters, what happens. openapi.yaml lists the same, and a test holds them
    /// together.
    static let table: [(String, String, APIRoute)] = [
        ("POST", "/events", APIRoute { api, call, _ throws(HTTPProblem) in try api.postEvents(call) }),
        (
            "GET", "/events",
            APIRoute(parameters: ["after", "category", "limit", "wait"], repeatable: ["type"], offers: feed) {
                api, call, _ throws(HTTPProblem) in try api.listEvents(call)
            }
        ),
        (
            "GET", "/events/unmatched",
            APIRoute(parameters: ["after", "limit"]) { api, call, _ throws(HTTPProblem) in try api.listUnmatched(call) }
        ),
        (
            "POST", "/events/unmatched/{unmatched_id}/redeliver",
            APIRoute { api, call, path throws(HTTPProblem) in try api.redeliver(call, path) }
        ),
        (
            "GET", "/tasks",
            APIRoute(parameters: ["limit", "wait", "lease", "worker", "claim"], repeatable: ["type"]) {
                api, call, _ throws(HTTPProblem) in try api.claimTasks(call)
            }
        ),
        ("POST", "/tasks/outcomes", APIRoute { api, call, _ throws(HTTPProblem) in try api.postOutcomes(call) }),
        ("GET", "/tasks/{task_id}", APIRoute { api, call, path throws(HTTPProblem) in try api.showTask(call, path) }),
        (
            "GET", "/tasks/{task_id}/events",
            APIRoute(parameters: ["from", "limit", "wait"], offers: feed) { api, call, path throws(HTTPProblem) in
                try api.listTaskEvents(call, path)
            }
        ),
        (
            "POST", "/tasks/{task_id}/outcome",
            APIRoute { api, call, path throws(HTTPProblem) in try api.postOutcome(call, path) }
        ),
        (
            "POST", "/tasks/{task_id}/heartbeat",
            APIRoute { api, call, path throws(HTTPProblem) in try api.postHeartbeat(call, path) }
        ),
        (
            "POST", "/tasks/{task_id}/steps",
            APIRoute { api, call, path throws(HTTPProblem) in try api.postStep(call, path) }
        ),
        (
            "POST", "/tasks/{task_id}/release",
            APIRoute { api, call, path throws(HTTPProblem) in try api.postRelease(call, path) }
        ),
        ("GET", "/queues", APIRoute { api, call, _ throws(HTTPProblem) in try api.listQueues(call) }),
        (
            "GET", "/processes",
            APIRoute(
                parameters: [
                    "definition", "key", "state", "incident", "suspended", "started_after", "started_before",
                    "updated_after", "updated_before", "limit", "cursor",
                ], repeatable: ["status"]
            ) { api, call, _ throws(HTTPProblem) in try api.listProcesses(call) }
        ),
        (
            "GET", "/processes/{process_id}",
            APIRoute(parameters: ["at"]) { api, call, path throws(HTTPProblem) in try api.showProcess(call, path) }
        ),
        (
            "GET", "/processes/{process_id}/events",
            APIRoute(parameters: ["from", "limit", "wait"], offers: feed) { api, call, path throws(HTTPProblem) in
                try api.listProcessEvents(call, path)
            }
        ),
        (
            "GET", "/processes/{process_id}/diagram",
            APIRoute(parameters: ["at"], offers: pictures) { api, call, path throws(HTTPProblem) in
                try api.drawProcess(call, path)
            }
        ),
        (
            "POST", "/processes/{process_id}/cancel",
            APIRoute { api, call, path throws(HTTPProblem) in try api.cancelProcess(call, path) }
        ),
        (
            "POST", "/processes/{process_id}/suspend",
            APIRoute { api, call, path throws(HTTPProblem) in try api.suspendProcess(call, path) }
        ),
        (
            "POST", "/processes/{process_id}/resume",
            APIRoute { api, call, path throws(HTTPProblem) in try api.resumeProcess(call, path) }
        ),
        (
            "POST", "/processes/{process_id}/migrate",
            APIRoute { api, call, path throws(HTTPProblem) in try api.migrateProcess(call, path) }
        ),
        (
            "POST", "/processes/{process_id}/incidents/{incident_id}/retry",
            APIRoute { api, call, path throws(HTTPProblem) in try api.retryIncident(call, path) }
        ),
        (
            "POST", "/processes/{process_id}/incidents/{incident_id}/resolve",
            APIRoute { api, call, path throws(HTTPProblem) in try api.resolveIncident(call, path) }
        ),
        ("GET", "/definitions", APIRoute { api, call, _ throws(HTTPProblem) in try api.listDefinitions(call) }),
        (
            "PUT", "/definitions/{name}",
            APIRoute { api, call, path throws(HTTPProblem) in try api.putDefinition(call, path) }
        ),
        (
            "GET", "/definitions/{name}",
            APIRoute { api, call, path throws(HTTPProblem) in try api.showDefinition(call, path) }
        ),
        (
            "GET", "/definitions/{name}/versions",
            APIRoute { api, call, path throws(HTTPProblem) in try api.listVersions(call, path) }
        ),
        (
            "GET", "/definitions/{name}/versions/{version}",
            APIRoute { api, call, path throws(HTTPProblem) in try api.showDefinition(call, path) }
        ),
        (
            "GET", "/definitions/{name}/diagram",
            APIRoute(offers: pictures) { api, call, path throws(HTTPProblem) in try api.drawDefinition(call, path) }
        ),
        (
            "GET", "/definitions/{name}/versions/{version}/diagram",
            APIRoute(offers: pictures) { api, call, path throws(HTTPProblem) in try api.drawDefinition(call, path) }
        ),
        (
            "DELETE", "/definitions/{name}/versions/{version}",
            APIRoute { api, call, path throws(HTTPProblem) in try api.deleteVersion(call, path) }
        ),
        (
            "POST", "/definitions/{name}/migrate",
            APIRoute { api, call, path throws(HTTPProblem) in try api.migrateProcesses(call, path) }
        ),
        (
            "POST", "/definitions/{name}/simulate",
            APIRoute { api, call, path throws(HTTPProblem) in try api.simulate(call, path) }
        ),
        ("GET", "/livez", APIRoute(offers: ["text/plain"]) { api, call, _ throws(HTTPProblem) in api.live(call) }),
        ("GET", "/readyz", APIRoute(offers: ["text/plain"]) { api, call, _ throws(HTTPProblem) in api.ready(call) }),
        (
            "GET", "/metrics",
            APIRoute(offers: MetricsPage.Format.allCases.map(\.rawValue)) { api, call, _ throws(HTTPProblem) in
                api.metrics(call)
            }
        ),
        (
            "GET", "/openapi.yaml",
            APIRoute(offers: ["application/yaml"]) { api, call, _ throws(HTTPProblem) in api.openAPI(call) }
        ),
        (
            "GET", "/definition.schema.json",
            APIRoute(offers: ["application/schema+json", "application/json"]) { api, call, _ throws(HTTPProblem) in
                api.definitionSchema(call)
            }
        ),
        ("GET", "/clock", APIRoute { api, call, _ throws(HTTPProblem) in api.showClock(call) }),
        ("POST", "/clock/advance", APIRoute { api, call, _ throws(HTTPProblem) in try api.advanceClock(call) }),
    ]
}
