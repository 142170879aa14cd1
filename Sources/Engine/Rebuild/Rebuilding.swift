import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// What a rebuild did.
public struct RebuildReport: Sendable, Equatable {
    public var processes = 0
    public var records = 0
    public var tasks = 0
    /// Rows of processes and tasks that are not as they were.
    public var changed = 0

    public init() {}
}

extension ProcessEngine {
    /// Writes everything anew that follows from events: the rows of processes and tasks, timers, keys, snapshots. Events,
    /// the inbox, held and unmatched events, leases, the outbox, subscriptions and definitions stay as they are.
    ///
    /// One transaction; to be called before the engine runs.
    public func rebuild() throws(StoreError) -> RebuildReport {
        guard let store = store as? any RebuildableStore else {
            throw .unusable("this store cannot be rebuilt", hint: "it keeps nothing that could be lost")
        }
        var report = RebuildReport()
        try store.begin()
        do throws(StoreError) {
            let lost = try store.lostTasks()
            for handle in try store.processesWithoutStream() {
                try store.removeProcess(handle)
                report.changed += 1
            }
            var last: RowHandle = -1
            while true {
                let owners = try store.processStreams(after: last, limit: 100)
                for owner in owners { try rebuild(owner, lost, in: store, &report) }
                guard let end = owners.last else { break }
                last = end.handle
            }
            try store.orderKeys()
            try store.commit()
        } catch {
            store.rollback()
            throw error
        }
        cache.removeAll()
        soonestDue = .unknown
        return report
    }

    private func rebuild(
        _ owner: StreamOwner, _ lost: [TaskID: RowHandle], in store: any RebuildableStore, _ report: inout RebuildReport
    ) throws(StoreError) {
        let before = try store.process(owner.handle)
        let history = try replay(owner, snapshot: before?.snapshot, in: store)
        guard let state = history.state else {
            throw .unreadable("the stream of process row \(owner.handle) does not begin with its start")
        }
        let row = ProcessRow(state)
        if before?.row != row { report.changed += 1 }
        let snapshot =
            history.isSnapshotGood
            ? before?.snapshot : StoredProcess.Snapshot(version: state.version, bytes: state.snapshot())
        try store.restoreProcess(owner.handle, row, snapshot: snapshot)
        try store.removeKeysAndTimers(of: owner.handle)
        for timer in state.timers.inOrder {
            try store.insertTimer(
                TimerRow(id: timer.id, process: owner.handle, dueAt: timer.dueAt, parked: state.suspended))
        }
        let end = state.status.isEnd ? history.lastPosition : nil
        for key in [LocationKey(keyOf: state)] + state.correlations.inOrder.map({ LocationKey(state, $0) }) {
            try store.restoreKey(key, of: owner.handle, end: end)
        }
        try rebuildTasks(of: owner, history, lost, in: store, &report)
        report.processes += 1
        report.records += Int(state.version)
    }

    // MARK: Reading a stream

    private struct History {
        var state: ProcessState?
        var lastPosition: Int64 = 0
        /// There is one, and it is the state as of its version.
        var isSnapshotGood = false
        var changes: [(position: Int64, at: Instant, task: TaskID?, change: TaskReplay.Change)] = []
    }

    private func replay(
        _ owner: StreamOwner, snapshot: StoredProcess.Snapshot?, in store: any RebuildableStore
    ) throws(StoreError) -> History {
        var history = History()
        var version: Int64 = 0
        while true {
            let records = try store.records(of: owner, from: version + 1, limit: FoldedProcess.pageSize)
            if records.isEmpty { return history }
            for record in records {
                do throws(FactDecodingError) {
                    take(try ProcessRecord(record.event), record, of: owner, into: &history)
                } catch {
                    throw .unreadable("\(error.type) at position \(record.position): member \(error.member)")
                }
                version = record.version
                history.lastPosition = record.position
                if let snapshot, snapshot.version == version {
                    history.isSnapshotGood = history.state?.snapshot() == snapshot.bytes
                }
            }
        }
    }

    private func take(
        _ body: ProcessRecord, _ record: RecordedEvent, of owner: StreamOwner, into history: inout History
    ) {
        if history.state == nil, case .fact(.processStarted(let started)) = body {
            history.state = ProcessState(
                processID: started.processID, tenant: owner.tenant, definition: owner.definition,
                definitionVersion: started.definitionVersion, key: started.key)
        }
        history.state?.fold(body, at: record.recordedAt)
        guard case .fact(let fact) = body else { return }
        var found: (task: TaskID?, change: TaskReplay.Change)?
        switch fact {
        case .transitionPlanned(let planned):
            guard let task = planned.task, task.mode != .sync else { return }
            let policy = policy(of: task, definition: owner.definition, version: planned.definitionVersion)
            found = (task.id, .planned(task, policy))
        case .taskCompleted(let fact): found = (fact.taskID, .ended(.completed))
        case .taskFailed(let fact): found = (fact.taskID, .ended(.failed))
        case .taskCancelled(let fact): found = (fact.taskID, .ended(.cancelled))
        case .incidentResolved(let fact):
            if fact.resolution == .retry, let task = fact.taskID { found = (task, .reopened) }
        case .suspended: found = (nil, .suspended)
        case .resumed: found = (nil, .resumed)
        default: break
        }
        if let found { history.changes.append((record.position, record.recordedAt, found.task, found.change)) }
    }

    // MARK: Tasks

    private func rebuildTasks(
        of owner: StreamOwner, _ history: History, _ lost: [TaskID: RowHandle], in store: any RebuildableStore,
        _ report: inout RebuildReport
    ) throws(StoreError) {
        var stored: [TaskID: StoredTask] = [:]
        for task in try store.tasks(of: owner.handle) { stored[task.row.id] = task }
        var suspendedAt: Instant?
        for (index, planning) in history.changes.enumerated() {
            switch planning.change {
            case .suspended: suspendedAt = planning.at
            case .resumed: suspendedAt = nil
            case .planned(let task, let policy):
                let former = stored.removeValue(forKey: task.id)
                let handle = former?.handle ?? lost[task.id]
                var replay = TaskReplay(
                    task, policy, of: owner.handle, tenant: owner.tenant, at: planning.position, planning.at,
                    suspendedAt: suspendedAt)
                var changes = history.changes[(index + 1)...].filter { $0.task == nil || $0.task == task.id }
                for record in try ownRecords(of: handle, in: store) {
                    changes.append((record.position, record.recordedAt, task.id, .own(record)))
                }
                for change in changes.sorted(by: { $0.position < $1.position }) {
                    replay.take(change.change, at: change.at)
                }
                if let former { replay.keepMoments(of: former.row) }
                if former?.row != replay.row { report.changed += 1 }
                try store.restoreTask(handle, replay.row)
                report.tasks += 1
            default: break
            }
        }
        // What is left was planned by no record.
        for task in stored.values {
            try store.removeTask(task.handle)
            report.changed += 1
        }
    }

    private func ownRecords(
        of task: RowHandle?, in store: any RebuildableStore
    ) throws(StoreError) -> [RecordedEvent] {
        guard let task else { return [] }
        var records: [RecordedEvent] = []
        while true {
            let page = try store.records(
                ofTask: task, from: Int64(records.count) + 1, limit: FoldedProcess.pageSize)
            if page.isEmpty { return records }
            records += page
        }
    }
}
