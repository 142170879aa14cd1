import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON
import ProcessManagement

extension ProcessionAPI {
    func processID(_ path: HTTPPathParameters) throws(HTTPProblem) -> ProcessID {
        guard let text = path["process_id"], let id = UniqueID(text) else {
            throw HTTPProblem(Problem(.processNotFound, "there is no process '\(path["process_id"] ?? "")'"))
        }
        return id
    }

    func listProcesses(_ call: APICall) throws(HTTPProblem) {
        let query = call.query
        var wanted = ProcessQuery(
            tenant: call.tenant, limit: Int(try query.integer("limit", in: 1...1000, default: 100)))
        wanted.definition = query.text("definition")
        wanted.key = query.text("key")
        wanted.status = try query.words("status")
        wanted.hasIncident = try query.flag("incident")
        wanted.suspended = try query.flag("suspended")
        wanted.startedAfter = try query.instant("started_after")
        wanted.startedBefore = try query.instant("started_before")
        wanted.updatedAfter = try query.instant("updated_after")
        wanted.updatedBefore = try query.instant("updated_before")
        if let cursor = query.text("cursor") {
            guard let handle = Cursor.handle(cursor) else { throw QueryReader.fault("cursor", "this is not a cursor") }
            wanted.before = handle
        }
        let list = ProcessList(query: wanted, state: query.text("state"))
        if call.prefersEventStream || query.text("after") != nil {
            try followProcesses(list, call)
            return
        }
        guard query.text("wait") == nil else {
            throw QueryReader.fault("wait", "'wait' is for changes: say with 'after' from which position on")
        }
        read(call) { reader throws(HTTPProblem) in
            let (page, position) = try reading { () throws(StoreError) in
                try reader.snapshot { () throws(StoreError) in
                    (try list.page(from: reader), try reader.lastPosition())
                }
            }
            return .answer { writer in
                writer.beginObject()
                writer.list("processes", page.processes) { $0.listed($1) }
                if let next = page.next { writer.member("next", Cursor.text(next)) }
                if page.isPartial { writer.member("partial", true) }
                writer.member("position", position)
                writer.endObject()
            }
        }
    }

    /// Changes from a position on, as a long poll or as a stream; a stream begins with what happens from now on unless
    /// it is told otherwise.
    private func followProcesses(_ list: ProcessList, _ call: APICall) throws(HTTPProblem) {
        guard list.query.before == nil else {
            throw QueryReader.fault("cursor", "a list of changes goes on with 'after', not with a cursor")
        }
        let feed = list.changes
        let wait = try call.wait()
        if call.query.text("after") != nil {
            let after = try call.query.integer("after", in: 0...Int64.max, default: 0)
            try serve(feed, call, from: after, wait: wait)
        } else if let last = try call.lastEventID() {
            follow(feed, call, from: last)
        } else {
            read(call) { [self] reader throws(HTTPProblem) in
                follow(feed, call, from: try reading { () throws(StoreError) in try reader.lastPosition() })
                return nil
            }
        }
    }

    func showProcess(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let query = call.query
        let id = try processID(path)
        let at: Int64? = query.text("at") == nil ? nil : try query.integer("at", in: 0...Int64.max, default: 0)
        read(call) { reader throws(HTTPProblem) in
            let found = try reading { () throws(StoreError) in
                try ProcessView.read(id, tenant: call.tenant, at: at, from: reader)
            }
            switch found {
            case .found(let view): return .answer { $0.process(view.state, tasks: at == nil ? view.tasks : nil) }
            case .missing: throw HTTPProblem(Problem(.processNotFound, "there is no process \(id)"))
            case .outOfRange(let last):
                throw HTTPProblem(
                    .versionOutOfRange, "the stream has the versions 1 to \(last)",
                    faults: [RequestFault(.parameter("at"), "has to be 1 to \(last)")])
            }
        }
    }

    /// With everything that belongs to it, if it has ended.
    func deleteProcess(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let request = EngineRequest.deleteProcess(try processID(path), tenant: call.tenant)
        ask(audited(request, call), call) { answer in
            guard case .done = answer else { return nil }
            return HTTPResponse(status: 204, fields: [], body: [])
        }
    }

    func listProcessEvents(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let query = call.query
        let id = try processID(path)
        let from = try query.integer("from", in: 1...Int64.max, default: 1)
        let limit = try query.integer("limit", in: 1...1000, default: 100)
        let wait = try call.wait()
        let feed = Feed(.version) { reader, place throws(HTTPProblem) in
            let records = try reading { () throws(StoreError) in
                try reader.process(id, tenant: call.tenant).map { process throws(StoreError) in
                    try reader.processStream(process.handle, from: place, limit: Int(limit))
                }
            }
            guard let records else { throw HTTPProblem(Problem(.processNotFound, "there is no process \(id)")) }
            return Feed.Page(events: records, next: records.last.map { $0.version + 1 } ?? place)
        }
        try serve(feed, call, from: from, wait: wait)
    }
}
