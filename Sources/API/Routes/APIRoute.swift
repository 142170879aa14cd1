import Engine
import HTTPServer

/// One entry of the routing table.
struct APIRoute: Sendable {
    typealias Run = @Sendable (ProcessionAPI, APICall, HTTPPathParameters) throws(HTTPProblem) -> Void

    /// Who may use it.
    let access: RouteAccess
    /// The query parameters that are known here; any other is refused before the route runs.
    let parameters: Set<String>
    /// Those of them that may be given more than once.
    let repeatable: Set<String>
    /// The media types of its answers, problems aside; a caller that accepts none of them is refused.
    let offers: [String]
    let run: Run

    static let json = ["application/json"]
    static let feed = ["application/json", "text/event-stream"]
    static let text = ["text/plain"]
    static let pictures = DiagramFormat.allCases.map(\.rawValue)

    init(
        _ access: RouteAccess, parameters: Set<String> = [], repeatable: Set<String> = [], offers: [String] = json,
        _ run: @escaping Run
    ) {
        self.access = access
        self.parameters = parameters.union(repeatable)
        self.repeatable = repeatable
        self.offers = offers
        self.run = run
    }

    /// Method, path pattern, who may, query parameters, what happens. openapi.yaml lists the same, and a test holds them
    /// together.
    static let table: [(String, String, APIRoute)] = [
        ("POST", "/events", APIRoute(.writeEvents) { api, call, _ throws(HTTPProblem) in try api.postEvents(call) }),
        (
            "GET", "/events",
            APIRoute(.read, parameters: ["after", "category", "limit", "wait"], repeatable: ["type"], offers: feed) {
                api, call, _ throws(HTTPProblem) in try api.listEvents(call)
            }
        ),
        (
            "GET", "/events/unmatched",
            APIRoute(.read, parameters: ["after", "limit"]) { api, call, _ throws(HTTPProblem) in
                try api.listUnmatched(call)
            }
        ),
        (
            "POST", "/events/unmatched/{unmatched_id}/redeliver",
            APIRoute(.operate) { api, call, path throws(HTTPProblem) in try api.redeliver(call, path) }
        ),
        (
            "DELETE", "/events/unmatched/{unmatched_id}",
            APIRoute(.operate) { api, call, path throws(HTTPProblem) in try api.discardUnmatched(call, path) }
        ),
        (
            "GET", "/tasks",
            APIRoute(.workTasks, parameters: ["limit", "wait", "lease", "worker", "claim"], repeatable: ["type"]) {
                api, call, _ throws(HTTPProblem) in try api.claimTasks(call)
            }
        ),
        (
            "POST", "/tasks/outcomes",
            APIRoute(.workTasks) { api, call, _ throws(HTTPProblem) in try api.postOutcomes(call) }
        ),
        (
            "GET", "/tasks/{task_id}",
            APIRoute(.readTasks) { api, call, path throws(HTTPProblem) in try api.showTask(call, path) }
        ),
        (
            "GET", "/tasks/{task_id}/events",
            APIRoute(.readTasks, parameters: ["from", "limit", "wait"], offers: feed) {
                api, call, path throws(HTTPProblem) in
                try api.listTaskEvents(call, path)
            }
        ),
        (
            "POST", "/tasks/{task_id}/outcome",
            APIRoute(.workTasks) { api, call, path throws(HTTPProblem) in try api.postOutcome(call, path) }
        ),
        (
            "POST", "/tasks/{task_id}/heartbeat",
            APIRoute(.workTasks) { api, call, path throws(HTTPProblem) in try api.postHeartbeat(call, path) }
        ),
        (
            "POST", "/tasks/{task_id}/steps",
            APIRoute(.workTasks) { api, call, path throws(HTTPProblem) in try api.postStep(call, path) }
        ),
        (
            "POST", "/tasks/{task_id}/release",
            APIRoute(.workTasks) { api, call, path throws(HTTPProblem) in try api.postRelease(call, path) }
        ),
        ("GET", "/queues", APIRoute(.read) { api, call, _ throws(HTTPProblem) in try api.listQueues(call) }),
        (
            "GET", "/processes",
            APIRoute(
                .read,
                parameters: [
                    "definition", "key", "state", "incident", "suspended", "started_after", "started_before",
                    "updated_after", "updated_before", "limit", "cursor", "after", "wait",
                ], repeatable: ["status"], offers: feed
            ) { api, call, _ throws(HTTPProblem) in try api.listProcesses(call) }
        ),
        (
            "GET", "/processes/{process_id}",
            APIRoute(.read, parameters: ["at"]) { api, call, path throws(HTTPProblem) in try api.showProcess(call, path)
            }
        ),
        (
            "DELETE", "/processes/{process_id}",
            APIRoute(.operate) { api, call, path throws(HTTPProblem) in try api.deleteProcess(call, path) }
        ),
        (
            "GET", "/processes/{process_id}/events",
            APIRoute(.read, parameters: ["from", "limit", "wait"], offers: feed) {
                api, call, path throws(HTTPProblem) in
                try api.listProcessEvents(call, path)
            }
        ),
        (
            "GET", "/processes/{process_id}/diagram",
            APIRoute(.read, parameters: ["at"], offers: pictures) { api, call, path throws(HTTPProblem) in
                try api.drawProcess(call, path)
            }
        ),
        (
            "POST", "/processes/{process_id}/cancel",
            APIRoute(.operate) { api, call, path throws(HTTPProblem) in try api.cancelProcess(call, path) }
        ),
        (
            "POST", "/processes/{process_id}/suspend",
            APIRoute(.operate) { api, call, path throws(HTTPProblem) in try api.suspendProcess(call, path) }
        ),
        (
            "POST", "/processes/{process_id}/resume",
            APIRoute(.operate) { api, call, path throws(HTTPProblem) in try api.resumeProcess(call, path) }
        ),
        (
            "POST", "/processes/{process_id}/migrate",
            APIRoute(.operate) { api, call, path throws(HTTPProblem) in try api.migrateProcess(call, path) }
        ),
        (
            "POST", "/processes/{process_id}/incidents/{incident_id}/retry",
            APIRoute(.operate) { api, call, path throws(HTTPProblem) in try api.retryIncident(call, path) }
        ),
        (
            "POST", "/processes/{process_id}/incidents/{incident_id}/resolve",
            APIRoute(.operate) { api, call, path throws(HTTPProblem) in try api.resolveIncident(call, path) }
        ),
        (
            "GET", "/subscriptions",
            APIRoute(.read) { api, call, _ throws(HTTPProblem) in try api.listSubscriptions(call) }
        ),
        (
            "PUT", "/subscriptions/{name}",
            APIRoute(.operate) { api, call, path throws(HTTPProblem) in try api.putSubscription(call, path) }
        ),
        (
            "GET", "/subscriptions/{name}",
            APIRoute(.read) { api, call, path throws(HTTPProblem) in try api.showSubscription(call, path) }
        ),
        (
            "DELETE", "/subscriptions/{name}",
            APIRoute(.operate) { api, call, path throws(HTTPProblem) in try api.deleteSubscription(call, path) }
        ),
        (
            "GET", "/subscriptions/{name}/events",
            APIRoute(.read, parameters: ["lease", "limit", "wait"]) { api, call, path throws(HTTPProblem) in
                try api.readSubscription(call, path)
            }
        ),
        (
            "POST", "/subscriptions/{name}/ack",
            APIRoute(.read) { api, call, path throws(HTTPProblem) in try api.acknowledge(call, path) }
        ),
        ("GET", "/definitions", APIRoute(.read) { api, call, _ throws(HTTPProblem) in try api.listDefinitions(call) }),
        (
            "PUT", "/definitions/{name}",
            APIRoute(.shared(.admin)) { api, call, path throws(HTTPProblem) in try api.putDefinition(call, path) }
        ),
        (
            "GET", "/definitions/{name}",
            APIRoute(.read) { api, call, path throws(HTTPProblem) in try api.showDefinition(call, path) }
        ),
        (
            "GET", "/definitions/{name}/versions",
            APIRoute(.read) { api, call, path throws(HTTPProblem) in try api.listVersions(call, path) }
        ),
        (
            "GET", "/definitions/{name}/versions/{version}",
            APIRoute(.read) { api, call, path throws(HTTPProblem) in try api.showDefinition(call, path) }
        ),
        (
            "GET", "/definitions/{name}/diagram",
            APIRoute(.read, offers: pictures) { api, call, path throws(HTTPProblem) in
                try api.drawDefinition(call, path)
            }
        ),
        (
            "GET", "/definitions/{name}/versions/{version}/diagram",
            APIRoute(.read, offers: pictures) { api, call, path throws(HTTPProblem) in
                try api.drawDefinition(call, path)
            }
        ),
        (
            "DELETE", "/definitions/{name}/versions/{version}",
            APIRoute(.shared(.admin)) { api, call, path throws(HTTPProblem) in try api.deleteVersion(call, path) }
        ),
        (
            "POST", "/definitions/{name}/migrate",
            APIRoute(.operate) { api, call, path throws(HTTPProblem) in try api.migrateProcesses(call, path) }
        ),
        (
            "POST", "/definitions/{name}/simulate",
            APIRoute(.read) { api, call, path throws(HTTPProblem) in try api.simulate(call, path) }
        ),
        ("POST", "/webhooks", APIRoute(.admin) { api, call, _ throws(HTTPProblem) in try api.createWebhook(call) }),
        ("GET", "/webhooks", APIRoute(.admin) { api, call, _ throws(HTTPProblem) in api.listWebhooks(call) }),
        (
            "GET", "/webhooks/{webhook_id}",
            APIRoute(.admin) { api, call, path throws(HTTPProblem) in try api.showWebhook(call, path) }
        ),
        (
            "PATCH", "/webhooks/{webhook_id}",
            APIRoute(.admin) { api, call, path throws(HTTPProblem) in try api.changeWebhook(call, path) }
        ),
        (
            "DELETE", "/webhooks/{webhook_id}",
            APIRoute(.admin) { api, call, path throws(HTTPProblem) in try api.deleteWebhook(call, path) }
        ),
        (
            "POST", "/webhooks/{webhook_id}/pause",
            APIRoute(.admin) { api, call, path throws(HTTPProblem) in try api.pauseWebhook(call, path) }
        ),
        (
            "POST", "/webhooks/{webhook_id}/resume",
            APIRoute(.admin) { api, call, path throws(HTTPProblem) in try api.resumeWebhook(call, path) }
        ),
        (
            "POST", "/webhooks/{webhook_id}/rotate",
            APIRoute(.admin) { api, call, path throws(HTTPProblem) in try api.rotateWebhook(call, path) }
        ),
        (
            "POST", "/webhooks/{webhook_id}/test",
            APIRoute(.admin) { api, call, path throws(HTTPProblem) in try api.testWebhook(call, path) }
        ),
        (
            "POST", "/webhooks/{webhook_id}/redeliver",
            APIRoute(.operate) { api, call, path throws(HTTPProblem) in try api.redeliverFailed(call, path) }
        ),
        (
            "GET", "/webhooks/{webhook_id}/deliveries",
            APIRoute(.operate, parameters: ["status", "cursor", "limit"]) { api, call, path throws(HTTPProblem) in
                try api.listDeliveries(call, path)
            }
        ),
        (
            "GET", "/deliveries/{delivery_id}",
            APIRoute(.operate) { api, call, path throws(HTTPProblem) in try api.showDelivery(call, path) }
        ),
        (
            "POST", "/deliveries/{delivery_id}/redeliver",
            APIRoute(.operate) { api, call, path throws(HTTPProblem) in try api.redeliverDelivery(call, path) }
        ),
        ("GET", "/livez", APIRoute(.open, offers: text) { api, call, _ throws(HTTPProblem) in api.live(call) }),
        ("GET", "/readyz", APIRoute(.open, offers: text) { api, call, _ throws(HTTPProblem) in api.ready(call) }),
        (
            "GET", "/metrics",
            APIRoute(.read, offers: MetricsPage.Format.allCases.map(\.rawValue)) { api, call, _ throws(HTTPProblem) in
                api.metrics(call)
            }
        ),
        (
            "GET", "/openapi.yaml",
            APIRoute(.open, offers: ["application/yaml"]) { api, call, _ throws(HTTPProblem) in api.openAPI(call) }
        ),
        (
            "GET", "/definition.schema.json",
            APIRoute(.open, offers: ["application/schema+json", "application/json"]) {
                api, call, _ throws(HTTPProblem) in api.definitionSchema(call)
            }
        ),
        ("GET", "/clock", APIRoute(.operate) { api, call, _ throws(HTTPProblem) in api.showClock(call) }),
        (
            "POST", "/clock/advance",
            APIRoute(.shared(.operate)) { api, call, _ throws(HTTPProblem) in try api.advanceClock(call) }
        ),

        ("POST", "/keys", APIRoute(.admin) { api, call, _ throws(HTTPProblem) in try api.createKey(call) }),
        ("GET", "/keys", APIRoute(.admin) { api, call, _ throws(HTTPProblem) in try api.listKeys(call) }),
        ("GET", "/keys/{id}", APIRoute(.admin) { api, call, path throws(HTTPProblem) in try api.showKey(call, path) }),
        (
            "DELETE", "/keys/{id}",
            APIRoute(.admin) { api, call, path throws(HTTPProblem) in try api.revokeKey(call, path) }
        ),
    ]
}
