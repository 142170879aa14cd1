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
            return
        }
        let status = engine.currentStatus
        if let failure = status.store?.failure {
            call.fail(HTTPProblem(Problem(.storeUnavailable, failure)))
        } else if !status.isHealthy {
            call.fail(HTTPProblem(Problem(.storeUnavailable, "the last commit failed")))
        } else {
            call.respond(HTTPResponse(status: 200, contentType: "text/plain; charset=utf-8", text: "ready\n"))
        }
    }

    func openAPI(_ call: APICall) {
        call.respond(
            HTTPResponse(
                status: 200, fields: [("Content-Type", "application/yaml; charset=utf-8")],
                body: ServedDocuments.openAPI))
    }

    func definitionSchema(_ call: APICall) {
        call.respond(
            HTTPResponse(
                status: 200, fields: [("Content-Type", "application/schema+json")],
                body: ServedDocuments.definitionSchema))
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
        ask(audited(.advanceClock(span), call), call) { Self.clock($0) }
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
        let format = MetricsPage.Format(accepting: Accept(call.request.headers))
        var figures = MetricsPage.Figures(status: engine.currentStatus, server: statistics)
        figures.followers = feeds.count
        figures.droppedLines = droppedLines
        let known = figures
        read(call) { reader throws(HTTPProblem) in
            let tenant = try reading { () throws(StoreError) in
                let last = try reader.lastPosition()
                return MetricsPage.TenantFigures(
                    queues: try reader.queues(tenant: call.tenant),
                    subscriptions: try reader.subscriptions(tenant: call.tenant)
                        .map { ($0.row.name, $0.lag(behind: last)) })
            }
            let page: MetricsPage
            if call.caller.tenant == nil {
                var figures = known
                try reading { () throws(StoreError) in
                    figures.processesWithIncidents = try reader.processesWithIncidents()
                    figures.webhooks = try reader.webhooks().map(\.row.status)
                    figures.pendingDeliveries = try reader.pendingDeliveryCount()
                }
                page = MetricsPage(figures, tenant, as: format)
            } else {
                // What the service does for others is no business of a tenant's.
                page = MetricsPage(tenant, as: format)
            }
            return HTTPResponse(
                status: 200, fields: [("Content-Type", format.contentType), ("Vary", "Accept")],
                body: Array(page.text.utf8))
        }
    }
}
