import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON

extension ProcessionAPI {
    private static let defaultGrace = TimeSpan.hours(24)
    private static let longestGrace = TimeSpan.days(7)

    func createWebhook(_ call: APICall) throws(HTTPProblem) {
        let body = try BodyReader(call.request)
        let (configuration, headers) = try WebhookBody(body: body, checkURL: options.checkWebhookURL).configuration()
        var request = try request(call, .create(configuration, headers: headers, secret: options.makeSecret()))
        request.contentHash = body.view.contentHash()
        ask(.webhook(request), call) { answer in
            guard case .webhook(let receipt) = answer else { return nil }
            var response = HTTPResponse.webhook(receipt, status: 201)
            response.fields.append(("Location", "/webhooks/\(receipt.row.id)"))
            return response
        }
    }

    func listWebhooks(_ call: APICall) {
        read(call) { reader throws(HTTPProblem) in
            let webhooks = try reading { () throws(StoreError) in try reader.webhooks() }
                .filter { $0.row.tenant.utf8.elementsEqual(call.tenant.utf8) }
            return .answer { writer in
                writer.beginObject()
                writer.list("webhooks", webhooks) { $0.webhook($1.row) }
                writer.endObject()
            }
        }
    }

    func showWebhook(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let id = try webhookID(path)
        read(call) { reader throws(HTTPProblem) in
            .webhook(WebhookReceipt(row: try reader.webhook(id, of: call).row))
        }
    }

    func changeWebhook(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let body = try BodyReader(call.request)
        let change = try WebhookBody(body: body, checkURL: options.checkWebhookURL).change()
        try operate(call, .change(try webhookID(path), change))
    }

    func deleteWebhook(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let id = try webhookID(path)
        ask(.webhook(try request(call, .delete(id))), call) { answer in
            guard case .done = answer else { return nil }
            return .answer { writer in
                writer.beginObject()
                writer.member("id", id)
                writer.member("deleted", true)
                writer.endObject()
            }
        }
    }

    func pauseWebhook(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        try BodyReader(call.request, mayBeEmpty: true).allow([])
        try operate(call, .pause(try webhookID(path)))
    }

    func resumeWebhook(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        try BodyReader(call.request, mayBeEmpty: true).allow([])
        try operate(call, .resume(try webhookID(path)))
    }

    func rotateWebhook(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let body = try BodyReader(call.request, mayBeEmpty: true)
        try body.allow(["grace"])
        let grace = try body.timeSpan("grace") ?? Self.defaultGrace
        guard grace >= .zero, grace <= Self.longestGrace else {
            throw body.fault("grace", "'grace' has to be from 0s to \(Self.longestGrace.text)")
        }
        try operate(call, .rotate(try webhookID(path), secret: options.makeSecret(), grace: grace))
    }

    func testWebhook(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        try BodyReader(call.request, mayBeEmpty: true).allow([])
        let id = try webhookID(path)
        ask(audited(.webhook(try request(call, .test(id))), call), call) { answer in
            guard case .delivery(let delivery) = answer else { return nil }
            return .answer(status: 202) { $0.delivery(delivery.row, of: id, process: nil) }
        }
    }

    private func operate(_ call: APICall, _ action: WebhookRequest.Action) throws(HTTPProblem) {
        ask(.webhook(try request(call, action)), call) { answer in
            guard case .webhook(let receipt) = answer else { return nil }
            return .webhook(receipt)
        }
    }

    /// With what `If-Match` asks for.
    func request(_ call: APICall, _ action: WebhookRequest.Action) throws(HTTPProblem) -> WebhookRequest {
        let key = try call.idempotencyKey()
        return WebhookRequest(
            tenant: call.tenant, action: action, condition: try call.precondition(), by: call.caller.name,
            requestID: key ?? options.makeID(), isNamed: key != nil)
    }

    func webhookID(_ path: HTTPPathParameters) throws(HTTPProblem) -> WebhookID {
        guard let text = path["webhook_id"], let id = UniqueID(text) else {
            throw HTTPProblem(Problem(.webhookNotFound, "there is no webhook '\(path["webhook_id"] ?? "")'"))
        }
        return id
    }
}

extension ProcessReader {
    /// An endpoint of the caller's tenant.
    func webhook(_ id: WebhookID, of call: APICall) throws(HTTPProblem) -> StoredWebhook {
        guard let found = try reading({ () throws(StoreError) in try webhook(id, tenant: call.tenant) }) else {
            throw HTTPProblem(Problem(.webhookNotFound, "there is no webhook \(id)"))
        }
        return found
    }
}
