import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON

extension ProcessionAPI {
    func live(_ call: APICall) {
        call.respond(HTTPResponse(status: 200, contentType: "text/plain; charset=utf-8", text: "ok\n"))
    }

    /// Ready while the store works and the service is not stopping.
    func ready(_ call: APICall) {
        if isDraining {
            call.fail(HTTPProblem(Problem(.shuttingDown, "the service is stopping")))
        } else if !engine.currentStatus.isHealthy {
            call.fail(HTTPProblem(Problem(.storeUnavailable, "the last commit failed")))
        } else {
            call.respond(HTTPResponse(status: 200, contentType: "text/plain; charset=utf-8", text: "ready\n"))
        }
    }

    func openAPI(_ call: APICall) {
        call.respond(
            HTTPResponse(
                status: 200, fields: [("Content-Type", "application/yaml; charset=utf-8")], body: options.openAPI))
    }

    func definitionSchema(_ call: APICall) {
        call.respond(
            HTTPResponse(
                status: 200, fields: [("Content-Type", "application/schema+json")], body: options.definitionSchema))
    }

    func showClock(_ call: APICall) {
        ask(.clock, call) { Self.clock($0) }
    }

    func advanceClock(_ call: APICall) throws(HTTPProblem) {
        let body = try BodyReader(call.request)
        try body.allow(["by"])
        guard let span = try body.timeSpan("by") else {
            throw body.fault("by", "'by' is required, a duration such as 24h")
        }
        ask(.audited(.advanceClock(span), by: call.actor(options.makeID())), call) { Self.clock($0) }
    }

    private static func clock(_ answer: EngineAnswer) -> HTTPResponse? {
        guard case .clock(let now) = answer else { return nil }
        return .answer { writer in
            writer.beginObject()
            writer.member("now", now.rfc3339)
            writer.endObject()
        }
    }

    func metrics(_ call: APICall) {
        let status = engine.currentStatus
        let server = statistics
        let followers = feeds.count
        read(call) { reader throws(HTTPProblem) in
            let queues = try reading { () throws(StoreError) in try reader.queues(tenant: call.tenant) }
            let subscriptions = try reading { () throws(StoreError) in
                let last = try reader.lastPosition()
                return try reader.subscriptions(tenant: call.tenant).map { ($0.row.name, $0.lag(behind: last)) }
            }
            // What the service does for others is no business of a tenant's.
            guard call.caller.tenant == nil else {
                return HTTPResponse(
                    status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8",
                    text: MetricsPage(queues: queues, subscriptions: subscriptions).text)
            }
            let (webhooks, pending) = try reading { () throws(StoreError) in
                (try reader.webhooks().map(\.row.status), try reader.pendingDeliveryCount())
            }
            var page = MetricsPage(
                status: status, server: server, queues: queues, followers: followers, subscriptions: subscriptions)
            page.writeDeliveries(status.tally, webhooks: webhooks, pending: pending)
            return HTTPResponse(
                status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8", text: page.text)
        }
    }
}
