import Chrono
import EventSourcing
import JSON
import ProcessManagement

extension ProcessEngine {
    /// Takes the outcome of an attempt: a retry is scheduled, or the final outcome becomes the process's next input.
    func take(_ request: OutcomeRequest, at now: Instant) throws(EngineError) -> OutcomeReceipt {
        var task = try judged(request, at: now)
        var chain = InputChain(at: now)
        let subject = Subject.stored(task.row.process)
        let state = try load(subject).state
        let ended = AttemptEnded(request.outcome, of: task.row)
        if case .failed(let code, _, let retryable, let retryAfter) = request.outcome, retryable,
            let retryAt = try nextAttempt(of: task.row, code: code, after: retryAfter, state, at: now)
        {
            let receipt = OutcomeReceipt(task.row, state, recorded: false, nextAttemptAt: retryAt)
            try delay(&task, until: retryAt, ended, answer: receipt, state, at: now)
            return receipt
        }
        // The answer names the process's status and version after the step, so the task's stream is written after it.
        let process = try advance(
            subject, .outcome(TaskOutcome(request, attempt: task.row.attempt)), task: task, in: &chain)
        let receipt = OutcomeReceipt(task.row, process.state, recorded: true, nextAttemptAt: nil)
        try close(&task, as: request.outcome.status, ended, answer: receipt, process.state, at: now)
        try follow(&chain)
        tally.outcomesTaken += 1
        return receipt
    }

    /// Whether the outcome may be taken, in the order of the fine print: known task; a repeat gets its first answer;
    /// process running; task open; lease still the caller's.
    private func judged(_ request: OutcomeRequest, at now: Instant) throws(EngineError) -> StoredTask {
        let task = try task(request.taskID, tenant: request.tenant)
        let lease = tokens.lease(of: request.leaseToken, for: request.taskID)
        let ended = try lease.flatMap { number throws(EngineError) in try endedAttempt(of: task, lease: number) }
        if let ended, let answer = ended.answer, ended.isSame(as: request.outcome) {
            var repeated = answer
            repeated.duplicate = true
            throw .repeated(repeated)
        }
        do throws(EngineError) {
            try checkLease(task, lease)
        } catch {
            if case .problem(let problem) = error { try recordLate(request, task, lease: lease, problem.code, at: now) }
            throw error
        }
        return task
    }

    /// A task whose process runs, that is open, and is leased under this number.
    func checkLease(_ task: StoredTask, _ lease: Int64?) throws(EngineError) {
        let row = task.row
        let process = try processRow(row.process)
        if process.status.isEnd {
            throw .problem(
                Problem(
                    .processEnded, "process \(process.id) is \(process.status.rawValue)",
                    members: [
                        "process_id": .string(process.id.description),
                        "process_status": .string(process.status.rawValue),
                    ]))
        }
        if row.status.isEnd {
            throw .problem(
                Problem(
                    .taskEnded, "task \(row.id) is \(row.status.rawValue)",
                    members: ["task_id": .string(row.id.description), "outcome": .string(row.status.rawValue)]))
        }
        guard row.status == .leased, lease == row.leaseNumber else {
            throw .problem(try lostLease(lease, of: task).problem(row))
        }
    }

    func task(_ id: TaskID, tenant: String) throws(EngineError) -> StoredTask {
        let store = store
        guard let task = try stored({ () throws(StoreError) in try store.task(id, tenant: tenant) }) else {
            throw .problem(Problem(.taskNotFound, "there is no task \(id)"))
        }
        return task
    }

    /// How the attempt of a lease ended, if a worker posted its outcome.
    private func endedAttempt(of task: StoredTask, lease: Int64) throws(EngineError) -> AttemptEnded? {
        // The running lease has no end yet; this spares the usual case the walk.
        if task.row.status == .leased, lease == task.row.leaseNumber { return nil }
        var found: AttemptEnded?
        try walk(task) { record in
            if let ended = AttemptEnded(record, taskID: task.row.id), ended.lease == lease { found = ended }
            return found == nil
        }
        return found
    }

    /// An attempt of the task ran out of time: its worker was not heard of, so that nobody knows what it did.
    func hasExpiredAttempt(_ task: StoredTask) throws(EngineError) -> Bool {
        guard task.row.attempt > 0 else { return false }
        var isFound = false
        try walk(task) { record in
            if let ended = AttemptEnded(record, taskID: task.row.id), ended.answer == nil,
                ended.code.flatMap(TimeLimit.init(rawValue:)) != nil
            {
                isFound = true
            }
            return !isFound
        }
        return isFound
    }

    /// What the last attempt of a worker failed with; nil if none has failed.
    func lastFailure(of task: StoredTask) throws(EngineError) -> LastFailure? {
        guard task.row.attempt > 0 else { return nil }
        var last: LastFailure?
        try walk(task) { record in
            if let ended = AttemptEnded(record, taskID: task.row.id), ended.outcome == TaskStatus.failed.rawValue,
                ended.answer != nil || ended.code.flatMap(TimeLimit.init(rawValue:)) == nil
            {
                last = LastFailure(code: ended.code, reason: ended.reason ?? "")
            }
            return true
        }
        return last
    }

    private func lostLease(_ lease: Int64?, of task: StoredTask) throws(EngineError) -> LostLease {
        guard let lease else { return .unknown }
        var records: [RecordedEvent] = []
        try walk(task) { record in
            if record.event.type != "ProgressRecorded", record.event.type != "StepRecorded" { records.append(record) }
            return true
        }
        return LostLease(of: records, lease: lease, task: task.row.id)
    }

    /// The records of a task's own stream in order, until `body` has seen enough.
    private func walk(_ task: StoredTask, _ body: (RecordedEvent) -> Bool) throws(EngineError) {
        var version: Int64 = 1
        while version <= task.row.streamVersion {
            let store = store
            let records = try stored { () throws(StoreError) in
                try store.taskStream(task.handle, from: version, limit: FoldedProcess.pageSize)
            }
            if records.isEmpty { return }
            for record in records {
                guard body(record) else { return }
                version = record.version + 1
            }
        }
    }

    /// A refused outcome is kept in the task's stream: somebody did work that nobody counted. The same outcome of the
    /// same attempt is kept once.
    private func recordLate(
        _ request: OutcomeRequest, _ task: StoredTask, lease: Int64?, _ code: Problem.Code, at now: Instant
    ) throws(EngineError) {
        var task = task
        var attempt: Int?
        var isRepeat = false
        try walk(task) { record in
            if record.event.type == "AttemptStarted", lease != nil, record.event.data["lease"]?.int64Value == lease {
                attempt = record.event.data["attempt"]?.int64Value.map(Int.init)
            } else if TaskFact.isLateOutcome(record, like: request.outcome, attempt: attempt) {
                isRepeat = true
            }
            return !isRepeat
        }
        if isRepeat { return }
        try stored { () throws(StoreError) in
            try append(.lateOutcome(request.outcome, attempt: attempt, refused: code), to: &task, at: now)
            try store.updateTask(task.handle, task.row)
        }
    }

    /// When the next attempt starts; nil if there is none.
    func nextAttempt(
        of row: TaskRow, code: String?, after asked: TimeSpan?, _ state: ProcessState, at now: Instant
    ) throws(EngineError) -> Instant? {
        guard state.status == .running || state.status == .compensating, row.countedAttempts < row.maxAttempts else {
            return nil
        }
        let policy = try stored { () throws(StoreError) in try storedPolicy(of: row, state: state) }
        if let code, policy.retry.never.contains(where: { ExactText.sameBytes($0, code) }) { return nil }
        return now + (asked ?? policy.retry.delay(after: row.attempt, counted: row.countedAttempts, of: row.id))
    }

    /// The attempt failed, another follows.
    func delay(
        _ task: inout StoredTask, until retryAt: Instant, _ ended: AttemptEnded, answer: OutcomeReceipt?,
        _ state: ProcessState, at now: Instant
    ) throws(EngineError) {
        var ended = ended
        ended.answer = answer
        task.row.status = .delayed
        task.row.parked = state.suspended
        task.row.lease = nil
        task.row.readyAt = retryAt
        task.row.dueAt = task.row.dueWhenDelayed
        let fact = TaskFact.attemptEnded(ended)
        let trace = try trace(of: task).parent
        try stored { () throws(StoreError) in
            try append(fact, to: &task, at: now, correlation: state.correlationID, trace: trace)
            if retryAt <= now { try makeReady(&task, state, at: now) }
            try store.updateTask(task.handle, task.row)
        }
        tally.attemptsFailed += 1
    }

    /// The attempt was the last one.
    func close(
        _ task: inout StoredTask, as status: TaskStatus, _ ended: AttemptEnded, answer: OutcomeReceipt?,
        _ state: ProcessState, at now: Instant
    ) throws(EngineError) {
        var ended = ended
        ended.answer = answer
        task.row.end(as: status)
        let fact = TaskFact.attemptEnded(ended)
        let trace = try trace(of: task).parent
        try stored { () throws(StoreError) in
            try append(fact, to: &task, at: now, correlation: state.correlationID, trace: trace)
            try store.updateTask(task.handle, task.row)
        }
    }

    /// The delay is over.
    func makeReady(_ task: inout StoredTask, _ state: ProcessState, at now: Instant) throws(StoreError) {
        let policy = try storedPolicy(of: task.row, state: state)
        task.row.status = .ready
        task.row.dueAt = task.row.dueWhenReady(policy.timeouts)
        if !task.row.parked { newlyReady.insert(task.row.type) }
    }
}

extension OutcomeRequest.Outcome {
    var status: TaskStatus {
        switch self {
        case .completed: .completed
        case .failed: .failed
        case .cancelled: .cancelled
        }
    }
}

extension OutcomeRequest.Outcome {
    /// Equality of JSON values; `reason` and `retry_after` are not compared.
    func isSame(as word: String, result: JSONView?, code: String?) -> Bool {
        switch self {
        case .completed(let own): word == "completed" && own == result
        case .failed(let own, _, _, _): word == "failed" && ExactText.sameBytes(own, code)
        case .cancelled: word == "cancelled"
        }
    }
}

extension TaskOutcome {
    fileprivate init(_ request: OutcomeRequest, attempt: Int) {
        switch request.outcome {
        case .completed(let result):
            self.init(taskID: request.taskID, ending: .completed(result: result), attempt: attempt)
        case .failed(let code, let reason, _, _):
            self.init(taskID: request.taskID, ending: .failed(code: code, reason: reason), attempt: attempt)
        case .cancelled: self.init(taskID: request.taskID, ending: .cancelled, attempt: attempt)
        }
    }
}

extension OutcomeReceipt {
    fileprivate init(_ row: TaskRow, _ state: ProcessState, recorded: Bool, nextAttemptAt: Instant?) {
        self.init(
            taskID: row.id, recorded: recorded, duplicate: false, willRetry: nextAttemptAt != nil,
            nextAttemptAt: nextAttemptAt, processID: state.processID, processStatus: state.status,
            processVersion: state.version)
    }
}

extension AttemptEnded {
    fileprivate init(_ outcome: OutcomeRequest.Outcome, of row: TaskRow) {
        self.init(attempt: row.attempt, lease: row.leaseNumber, outcome: outcome.word)
        switch outcome {
        case .completed(let result): self.result = result
        case .failed(let code, let reason, _, _):
            self.code = code
            self.reason = reason
        case .cancelled: break
        }
    }

    /// Reads an `AttemptEnded`; nil for any other record.
    init?(_ record: RecordedEvent, taskID: TaskID) {
        let data = record.event.data
        guard record.event.type == "AttemptEnded", let attempt = data["attempt"]?.int64Value,
            let lease = data["lease"]?.int64Value, let outcome = data["outcome"]?.stringValue
        else { return nil }
        self.init(
            attempt: Int(attempt), lease: lease, outcome: outcome, code: data["code"]?.stringValue,
            reason: data["reason"]?.stringValue, result: data["result"])
        guard let recorded = data["recorded"]?.boolValue,
            let processID = data["process_id"]?.stringValue.flatMap({ UniqueID(canonical: $0) }),
            let status = data["process_status"]?.stringValue.flatMap(ProcessStatus.init(rawValue:)),
            let version = data["process_version"]?.int64Value
        else { return }
        answer = OutcomeReceipt(
            taskID: taskID, recorded: recorded, duplicate: false, willRetry: data["will_retry"]?.boolValue ?? false,
            nextAttemptAt: data["next_attempt_at"]?.stringValue.flatMap { Instant(rfc3339: $0) }, processID: processID,
            processStatus: status, processVersion: version)
    }

    /// The same outcome as JSON values; words that only explain are not compared.
    fileprivate func isSame(as other: OutcomeRequest.Outcome) -> Bool {
        other.isSame(as: outcome, result: result, code: code)
    }
}

/// Why an attempt failed, as its worker said.
struct LastFailure {
    let code: String?
    let reason: String

    /// To end a sentence with.
    var words: String { (code.map { " (\($0))" } ?? "") + ": \(reason)" }
}
