import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON
import ProcessManagement

extension ProcessionAPI {
    /// Claims. HEAD shows the fields of the answer and claims nothing.
    func claimTasks(_ call: APICall) throws(HTTPProblem) {
        let query = call.query
        let types = query.list("type")
        guard !types.isEmpty, types.count <= 100 else {
            throw QueryReader.fault("type", "name 1 to 100 task types, as type=a,b or type=a&type=b")
        }
        let limit = try query.integer("limit", in: 1...100, default: 1)
        let wait = try call.wait()
        let lease = try query.timeSpan("lease", default: .seconds(60))
        guard lease >= .seconds(1), lease <= .hours(12) else {
            throw QueryReader.fault("lease", "'lease' has to be 1s to 12h")
        }
        let worker = query.text("worker") ?? ""
        for (name, text) in [("worker", worker), ("claim", query.text("claim") ?? "")] where text.utf8.count > 255 {
            throw QueryReader.fault(name, "'\(name)' has at most 255 bytes")
        }
        if call.request.method == "HEAD" {
            call.respond(Self.claimed([]))
            return
        }
        let request = ClaimRequest(
            tenant: call.tenant, types: types, worker: worker, limit: Int(limit), wait: wait, lease: lease,
            claim: query.text("claim"))
        let responder = call.responder
        let engine = engine
        // Nobody gets a task from a service that is stopping: the answer might not arrive any more. Nor does one whose
        // key ended while it waited, or who leaves so much unread that the answer would not be kept.
        let isGone: @Sendable () -> Bool = { [self] in
            responder.isGone || isDraining || !stillAdmits(call.caller) || !responder.hasRoom(for: PageFill.limit)
        }
        let ticket = engine.submit(request, isGone: isGone) { answer in
            switch answer {
            case .claimed(let tasks):
                call.respond(holding: tasks.reduce(0) { $0 + $1.byteCount }) { Self.claimed(tasks) }
            case .problem(let problem): call.fail(HTTPProblem(problem))
            default: break
            }
        }
        if wait > .zero {
            responder.onGone { engine.abandon(ticket: ticket) }
            responder.park(onStop: { engine.abandon(ticket: ticket) })
        }
    }

    private static func claimed(_ tasks: [ClaimedTask]) -> HTTPResponse {
        .answer { writer in
            writer.beginObject()
            writer.list("tasks", tasks) { $0.claimed($1) }
            writer.endObject()
        }
    }

    func taskID(_ path: HTTPPathParameters) throws(HTTPProblem) -> TaskID {
        guard let text = path["task_id"], let id = UniqueID(text) else {
            throw HTTPProblem(Problem(.taskNotFound, "there is no task '\(path["task_id"] ?? "")'"))
        }
        return id
    }

    func postHeartbeat(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let body = try BodyReader(call.request)
        try body.allow(["lease_token", "extend", "progress"])
        let extend = try body.timeSpan("extend")
        if let extend, extend < .seconds(1) || extend > .hours(12) {
            throw body.fault("extend", "'extend' has to be 1s to 12h")
        }
        let request = HeartbeatRequest(
            tenant: call.tenant, taskID: try taskID(path), leaseToken: try body.string("lease_token"),
            extend: extend, progress: body.view["progress"])
        ask(.heartbeat(request), call) { answer in
            guard case .heartbeat(let receipt) = answer else { return nil }
            return .answer { writer in
                writer.beginObject()
                writer.member("expires_at", receipt.expiresAt.rfc3339)
                writer.nullable("deadline", receipt.deadline?.rfc3339)
                writer.member("cancel_requested", receipt.cancelRequested)
                writer.endObject()
            }
        }
    }

    func postStep(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let body = try BodyReader(call.request)
        try body.allow(["lease_token", "name", "data"])
        guard let name = try body.identifier("name") else { throw body.fault("name", "'name' is required, a string") }
        let request = StepRequest(
            tenant: call.tenant, taskID: try taskID(path), leaseToken: try body.string("lease_token"), name: name,
            data: body.view["data"] ?? .null)
        ask(.recordStep(request), call) { answer in
            guard case .step(let step) = answer else { return nil }
            return .answer { $0.step(step) }
        }
    }

    func postRelease(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let body = try BodyReader(call.request)
        try body.allow(["lease_token"])
        let request = ReleaseRequest(
            tenant: call.tenant, taskID: try taskID(path), leaseToken: try body.string("lease_token"))
        ask(.release(request), call) { answer in
            guard case .released = answer else { return nil }
            return .answer { writer in
                writer.beginObject()
                writer.member("task_id", request.taskID)
                writer.member("released", true)
                writer.endObject()
            }
        }
    }

    func showTask(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let id = try taskID(path)
        read(call) { reader throws(HTTPProblem) in
            let found = try reading { () throws(StoreError) in
                try TaskView.read(id, tenant: call.tenant, from: reader)
            }
            guard let view = found else { throw HTTPProblem(Problem(.taskNotFound, "there is no task \(id)")) }
            return .answer { $0.task(view) }
        }
    }

    func listTaskEvents(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let query = call.query
        let id = try taskID(path)
        let from = try query.integer("from", in: 1...Int64.max, default: 1)
        let limit = try query.integer("limit", in: 1...1000, default: 100)
        let wait = try call.wait()
        let feed = Feed(.version) { reader, place throws(HTTPProblem) in
            let records = try reading { () throws(StoreError) in
                try reader.task(id, tenant: call.tenant).map { task throws(StoreError) in
                    try reader.taskStream(task.handle, from: place, limit: Int(limit))
                }
            }
            guard let records else { throw HTTPProblem(Problem(.taskNotFound, "there is no task \(id)")) }
            return Feed.Page(events: records, next: records.last.map { $0.version + 1 } ?? place)
        }
        try serve(feed, call, from: from, wait: wait)
    }

    func listQueues(_ call: APICall) throws(HTTPProblem) {
        engine.submit(.polls(tenant: call.tenant)) { [self] answer in
            guard case .polls(let polls) = answer else {
                if case .problem(let problem) = answer { call.fail(HTTPProblem(problem)) }
                return
            }
            read(call) { reader throws(HTTPProblem) in
                let queues = try reading { () throws(StoreError) in try reader.queues(tenant: call.tenant) }
                return .answer { writer in
                    writer.beginObject()
                    writer.list("queues", queues) { $0.queue($1, polls: polls[$1.type] ?? []) }
                    writer.endObject()
                }
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func queue(_ queue: QueueRow, polls: [Poll]) {
        beginObject()
        member("task_type", queue.type)
        member("ready", queue.ready)
        member("leased", queue.leased)
        member("delayed", queue.delayed)
        nullable("oldest_ready_at", queue.oldestReadyAt?.rfc3339)
        list("workers", polls) { writer, poll in
            writer.beginObject()
            writer.member("worker", poll.worker)
            writer.member("last_poll_at", poll.at.rfc3339)
            writer.endObject()
        }
        endObject()
    }

    fileprivate mutating func task(_ view: TaskView) {
        let row = view.row
        beginObject()
        member("task_id", row.id)
        member("task_stream_id", StreamID.task(row.id).description)
        member("task_type", row.type)
        member("status", row.status.rawValue)
        member("process_id", view.process.id)
        member("definition", view.process.definition)
        member("key", view.process.key)
        member("machine_id", view.planned.machineID)
        member("transition_id", view.planned.transitionID)
        member("attempt", row.attempt)
        member("max_attempts", row.attemptsBefore + row.maxAttempts)
        member("priority", row.priority)
        member("input", view.planned.task?.input ?? .null)
        list("attempts", view.attempts) { writer, attempt in
            writer.beginObject()
            writer.member("attempt", attempt.number)
            writer.member("worker", attempt.worker)
            writer.member("started_at", attempt.startedAt.rfc3339)
            writer.nullable("ended_at", attempt.endedAt?.rfc3339)
            writer.nullable("outcome", attempt.outcome)
            writer.nullable("code", attempt.code)
            writer.nullable("reason", attempt.reason)
            writer.endObject()
        }
        list("steps", view.steps) { $0.step($1) }
        name("progress")
        if let progress = row.progress { value(progress) } else { null() }
        if row.status == .delayed, !row.isChild { member("next_attempt_at", row.readyAt.rfc3339) }
        nullable("deadline", row.deadline?.rfc3339)
        member("scheduled_at", row.scheduledAt.rfc3339)
        endObject()
    }
}
