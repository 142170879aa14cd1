import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON
import ProcessManagement

extension ProcessionAPI {
    /// At most this many events in one batch.
    private static let batchLimit = 1000

    func postEvents(_ call: APICall) throws(HTTPProblem) {
        let key = try call.idempotencyKey()
        let options = options
        let reader = EventReader(tenant: call.tenant) { key ?? options.makeID() }
        let body = call.request.body
        let trace = TraceContext(call.request.headers)
        switch try EventFormat(call.request.headers) {
        case .structured: post([trace.carried(by: try reader.cloudEvent(try BodyReader.parse(body)))], call)
        case .batch: post(try batch(call, reader).map(trace.carried), call, isBatch: true)
        case .binary: post([trace.carried(by: try reader.binaryCloudEvent(call.request))], call)
        case .plain: post([trace.carried(by: try reader.plain(try BodyReader.parse(body)))], call)
        }
    }

    /// Validated whole: one bad event refuses the batch.
    private func batch(_ call: APICall, _ reader: EventReader) throws(HTTPProblem) -> [IncomingEvent] {
        let root = try BodyReader.parse(call.request.body)
        guard root.kind == .array else {
            throw HTTPProblem(RequestFault(.pointer(""), "a batch has to be a JSON array"))
        }
        guard root.count <= Self.batchLimit else {
            throw HTTPProblem(.payloadTooLarge, "a batch may have \(Self.batchLimit) events")
        }
        var events: [IncomingEvent] = []
        for (index, view) in root.elements.enumerated() {
            events.append(try reader.cloudEvent(view, at: "/\(index)"))
        }
        return events
    }

    private func post(_ events: [IncomingEvent], _ call: APICall, isBatch: Bool = false) {
        ask(.post(events), call) { answer in
            guard case .posted(let results) = answer else { return nil }
            if !isBatch, let only = results.first {
                switch only {
                case .success(let receipt): return .answer { $0.receipt(receipt) }
                case .failure(let problem): return HTTPProblem(problem).response
                }
            }
            return .answer { writer in
                writer.beginObject()
                writer.list("results", results) { writer, result in
                    switch result {
                    case .success(let receipt): writer.receipt(receipt)
                    case .failure(let problem): HTTPProblem(problem).write(to: &writer)
                    }
                }
                writer.endObject()
            }
        }
    }

    func listEvents(_ call: APICall) throws(HTTPProblem) {
        let query = call.query
        let after = try query.integer("after", in: 0...Int64.max, default: 0)
        let limit = try query.integer("limit", in: 1...1000, default: 100)
        let filter = EventFilter(category: query.text("category"), types: query.list("type")).withoutOperators
        try filter.checkCategory(for: call.caller)
        let wait = try call.wait()
        let feed = Feed(.position) { reader, place throws(HTTPProblem) in
            let page = try reading { () throws(StoreError) in
                try reader.events(tenant: call.tenant, after: place, matching: filter, limit: Int(limit))
            }
            return Feed.Page(events: page.events, next: page.next)
        }
        try serve(feed, call, from: after, wait: wait)
    }

    func listUnmatched(_ call: APICall) throws(HTTPProblem) {
        let query = call.query
        let after = try query.integer("after", in: 0...Int64.max, default: 0)
        let limit = try query.integer("limit", in: 1...1000, default: 100)
        read(call) { reader throws(HTTPProblem) in
            let events = try reading { () throws(StoreError) in
                try reader.unmatched(tenant: call.tenant, after: after, limit: Int(limit))
            }
            return .answer { writer in
                writer.beginObject()
                writer.list("events", events) { $0.unmatched($1) }
                writer.member("next", events.last?.handle ?? after)
                writer.endObject()
            }
        }
    }

    func redeliver(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let request = EngineRequest.redeliver(tenant: call.tenant, unmatched: try unmatchedID(path))
        ask(audited(request, call), call) { answer in
            guard case .posted(let results) = answer, case .success(let receipt)? = results.first else { return nil }
            return .answer { $0.receipt(receipt) }
        }
    }

    func discardUnmatched(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let request = EngineRequest.discard(tenant: call.tenant, unmatched: try unmatchedID(path))
        ask(audited(request, call), call) { answer in
            guard case .discarded = answer else { return nil }
            return HTTPResponse(status: 204, fields: [], body: [])
        }
    }

    private func unmatchedID(_ path: HTTPPathParameters) throws(HTTPProblem) -> Int64 {
        guard let id = Int64(path["unmatched_id"] ?? "") else {
            throw HTTPProblem(Problem(.unmatchedNotFound, "there is no such unmatched event"))
        }
        return id
    }
}

extension JSONWriter {
    fileprivate mutating func unmatched(_ unmatched: UnmatchedEvent) {
        beginObject()
        member("unmatched_id", unmatched.handle)
        member("reason", unmatched.reason.rawValue)
        if unmatched.taken { member("taken", true) }
        optional("definition", unmatched.definition)
        member("received_at", unmatched.receivedAt.rfc3339)
        content(of: unmatched.event)
        endObject()
    }
}
