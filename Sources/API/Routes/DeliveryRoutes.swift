import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON
import ProcessManagement

extension ProcessionAPI {
    func listDeliveries(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let id = try webhookID(path)
        let query = call.query
        let limit = Int(try query.integer("limit", in: 1...1000, default: 100))
        let status: DeliveryStatus? = try query.word("status")
        var before: RowHandle?
        if let cursor = query.text("cursor") {
            guard let handle = Cursor.handle(cursor) else { throw QueryReader.fault("cursor", "this is not a cursor") }
            before = handle
        }
        read(call) { [before] reader throws(HTTPProblem) in
            let webhook = try reader.webhook(id, of: call)
            let found = try reading { () throws(StoreError) in
                try reader.deliveries(of: webhook.handle, status: status, before: before, limit: limit + 1)
            }
            let page = found.prefix(limit)
            var shown: [(row: DeliveryRow, process: ProcessID?)] = []
            for delivery in page { shown.append((delivery.row, try reader.processID(of: delivery.row))) }
            return .answer { [shown] writer in
                writer.beginObject()
                writer.list("deliveries", shown) { $0.delivery($1.row, of: id, process: $1.process) }
                if found.count > limit, let last = page.last { writer.member("next", Cursor.text(last.handle)) }
                writer.endObject()
            }
        }
    }

    func showDelivery(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let id = try deliveryID(path)
        read(call) { [self] reader throws(HTTPProblem) in
            let (found, names) = try self.delivery(id, of: call, reader)
            let attempts = try reading { () throws(StoreError) in try reader.attempts(of: found.handle) }
            return .answer { writer in
                writer.delivery(found.row, of: names.webhook, process: names.process, attempts: attempts)
            }
        }
    }

    private func delivery(
        _ id: DeliveryID, of call: APICall, _ reader: any ProcessReader
    ) throws(HTTPProblem) -> (found: StoredDelivery, names: (webhook: WebhookID, process: ProcessID?)) {
        let found = try reading { () throws(StoreError) in try reader.delivery(id, tenant: call.tenant) }
        guard let found,
            let webhook = try reading({ () throws(StoreError) in try reader.webhook(found.row.webhook) })
        else { throw HTTPProblem(Problem(.deliveryNotFound, "there is no delivery \(id)")) }
        return (found, (webhook.row.id, try reader.processID(of: found.row)))
    }

    func redeliverDelivery(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        try BodyReader(call.request, mayBeEmpty: true).allow([])
        let id = try deliveryID(path)
        let request = try request(call, .redeliver(id))
        // The names of what it belongs to are the readers' to find.
        read(call) { [self] reader throws(HTTPProblem) in
            let (webhook, process) = try self.delivery(id, of: call, reader).names
            ask(audited(.webhook(request), call), call) { answer in
                guard case .delivery(let delivery) = answer else { return nil }
                return .answer(status: 202) { $0.delivery(delivery.row, of: webhook, process: process) }
            }
            return nil
        }
    }

    func redeliverFailed(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let id = try webhookID(path)
        let body = try BodyReader(call.request)
        try body.allow(["since"])
        guard let since = Instant(rfc3339: try body.string("since")) else {
            throw body.fault("since", "'since' has to be a time such as 2026-01-31T12:00:00Z")
        }
        ask(audited(.webhook(try request(call, .redeliverFailed(id, since: since))), call), call) { answer in
            guard case .redelivered(let count) = answer else { return nil }
            return .answer(status: 202) { writer in
                writer.beginObject()
                writer.member("redelivered", count)
                writer.endObject()
            }
        }
    }

    private func deliveryID(_ path: HTTPPathParameters) throws(HTTPProblem) -> DeliveryID {
        guard let text = path["delivery_id"], let id = UniqueID(text) else {
            throw HTTPProblem(Problem(.deliveryNotFound, "there is no delivery '\(path["delivery_id"] ?? "")'"))
        }
        return id
    }
}

extension ProcessReader {
    /// The process that a delivery is about, if it is still stored.
    fileprivate func processID(of row: DeliveryRow) throws(HTTPProblem) -> ProcessID? {
        guard let handle = row.kind.process else { return nil }
        return try reading { () throws(StoreError) in try process(handle)?.row.id }
    }
}
