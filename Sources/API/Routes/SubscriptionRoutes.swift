import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON

extension ProcessionAPI {
    private static let nameLimit = 64
    private static let typeLimit = 100

    func putSubscription(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let name = path["name"] ?? ""
        guard Self.isSubscriptionName(name) else {
            throw HTTPProblem(
                RequestFault(
                    .parameter("name"),
                    "a subscription's name has 1 to \(Self.nameLimit) letters, digits, dots, dashes and underscores"))
        }
        let body = try BodyReader(call.request, mayBeEmpty: true)
        try body.allow(["category", "types", "from"])
        let filter = EventFilter(
            category: try body.identifier("category"), types: try body.identifiers("types", limit: Self.typeLimit))
        try filter.checkCategory(for: call.caller)
        let request = SubscriptionRequest.put(
            tenant: call.tenant, name: name, filter, start: try start(body), try call.precondition())
        ask(audited(.subscriptions(request), call), call) { answer in
            guard case .subscription(.stored(let subscription, let change, let last)) = answer else { return nil }
            let isNew = change == .made
            var response = HTTPResponse.answer(status: isNew ? 201 : 200) { $0.subscription(subscription, last: last) }
            if isNew { response.fields.append(("Location", "/subscriptions/\(name)")) }
            return response
        }
    }

    private static func isSubscriptionName(_ name: String) -> Bool {
        (1...nameLimit).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || ".-_".utf8.contains($0)
            }
    }

    private func start(_ body: BodyReader) throws(HTTPProblem) -> SubscriptionStart {
        guard let from = body.optional("from") else { return .start }
        if let position = BodyReader.integer(from), position >= 0 { return .position(position) }
        switch from.stringValue {
        case "start": return .start
        case "now": return .now
        default: throw body.fault("from", "'from' has to be start, now or a position")
        }
    }

    func listSubscriptions(_ call: APICall) throws(HTTPProblem) {
        read(call) { reader throws(HTTPProblem) in
            let (rows, last) = try reading { () throws(StoreError) in
                try reader.snapshot { () throws(StoreError) in
                    (try reader.subscriptions(tenant: call.tenant), try reader.lastPosition())
                }
            }
            return .answer { writer in
                writer.beginObject()
                writer.list("subscriptions", rows) { $0.subscription($1, last: last) }
                writer.endObject()
            }
        }
    }

    func showSubscription(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let name = path["name"] ?? ""
        read(call) { reader throws(HTTPProblem) in
            let (found, last) = try reading { () throws(StoreError) in
                try reader.snapshot { () throws(StoreError) in
                    (try reader.subscription(name, tenant: call.tenant), try reader.lastPosition())
                }
            }
            guard let found else {
                throw HTTPProblem(Problem(.subscriptionNotFound, "there is no subscription '\(name)'"))
            }
            // No 304: the place moves while the tag, which is for changes of the filter, stays.
            return .answer { $0.subscription(found, last: last) }.tagged(found.entityTag)
        }
    }

    func deleteSubscription(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let request = SubscriptionRequest.delete(
            tenant: call.tenant, name: path["name"] ?? "", try call.precondition())
        ask(audited(.subscriptions(request), call), call) { answer in
            guard case .subscription(.deleted) = answer else { return nil }
            return HTTPResponse(status: 204, fields: [], body: [])
        }
    }

    /// Leases the next batch. HEAD shows the fields of the answer and leases nothing.
    func readSubscription(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let query = call.query
        let lease = try query.timeSpan("lease", default: .seconds(30))
        guard lease >= .seconds(1), lease <= .hours(12) else {
            throw QueryReader.fault("lease", "'lease' has to be 1s to 12h")
        }
        let limit = try query.integer("limit", in: 1...1000, default: 100)
        let wait = call.request.method == "HEAD" ? .zero : try call.wait()
        let poll = SubscriptionPoll(
            call, engine, name: path["name"] ?? "", limit: Int(limit), lease: lease,
            isStopping: { [self] in isDraining },
            checkCaller: { [self] () throws(HTTPProblem) in try checkStillAdmitted(call.caller) })
        let deadline = SystemClock.monotonicMicroseconds() + wait.milliseconds * 1000
        if wait > .zero { call.responder.park() }
        let feeds = feeds
        read(call) { reader throws(HTTPProblem) in
            let step = poll.look(with: reader)
            if case .done = step { return nil }
            guard wait > .zero, !call.responder.isGone else {
                poll.end()
                return nil
            }
            switch feeds.add(poll, until: deadline, seen: FeedDesk.unseen) {
            case .waiting(let number): call.responder.onGone { feeds.remove(number) }
            case .closed: poll.end()
            case .full: throw HTTPProblem(Problem(.overloaded, "too many readers wait for events"))
            }
            return nil
        }
    }

    func acknowledge(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let body = try BodyReader(call.request)
        try body.allow(["position", "token"])
        guard let position = try body.integer("position", in: 0...Int64.max) else {
            throw body.fault("position", "'position' is required, a number")
        }
        let request = SubscriptionRequest.acknowledge(
            tenant: call.tenant, name: path["name"] ?? "", position: position, token: try body.string("token"))
        ask(.subscriptions(request), call) { answer in
            guard case .subscription(.acknowledged(let position, let end)) = answer else { return nil }
            return .answer { writer in
                writer.beginObject()
                writer.member("position", position)
                writer.nullable("expires_at", end?.rfc3339)
                writer.endObject()
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func subscription(_ stored: StoredSubscription, last: Int64) {
        let row = stored.row
        beginObject()
        member("name", row.name)
        optional("category", row.filter.category)
        list("types", row.filter.types) { $0.value($1) }
        member("position", row.position)
        member("lag", stored.lag(behind: last))
        nullable("leased_until", row.lease?.expiresAt.rfc3339)
        member("created_at", row.createdAt.rfc3339)
        member("updated_at", row.updatedAt.rfc3339)
        endObject()
    }
}

extension StoredSubscription {
    /// How many positions there are behind its place: as many events as that, or fewer.
    func lag(behind last: Int64) -> Int64 { max(0, last - row.position) }
}
