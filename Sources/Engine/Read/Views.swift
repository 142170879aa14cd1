import Chrono
import EventSourcing
import JSON
import ProcessManagement

extension ProcessView {
    public enum Found: Sendable {
        case found(ProcessView)
        case missing
        /// The stream has the versions 1 to `last`.
        case outOfRange(last: Int64)
    }

    /// A stored process as of now, or as of a version of its stream, in one consistent view.
    public static func read(
        _ id: ProcessID, tenant: String, at version: Int64?, from reader: any ProcessReader
    ) throws(StoreError) -> Found {
        try reader.snapshot { () throws(StoreError) in
            guard let stored = try reader.process(id, tenant: tenant) else { return .missing }
            if let version, version < 1 || version > stored.row.version {
                return .outOfRange(last: stored.row.version)
            }
            let state = try fold(stored, through: version, from: reader)
            return .found(ProcessView(state: state, tasks: try reader.openTasks(of: stored.handle).map(\.row)))
        }
    }

    public static func fold(
        _ stored: StoredProcess, through version: Int64? = nil, from reader: any ProcessReader
    ) throws(StoreError) -> ProcessState {
        try FoldedProcess.read(stored, through: version) { from, limit throws(StoreError) in
            try reader.processStream(stored.handle, from: from, limit: limit)
        }.process.state
    }
}

/// A task with everything its streams tell about it.
public struct TaskView: Sendable {
    public var row: TaskRow
    public var process: ProcessRow
    public var planned: TransitionPlanned
    public var attempts: [Attempt] = []
    public var steps: [RecordedStep] = []

    public struct Attempt: Sendable {
        public var number: Int
        public var lease: Int64
        public var worker: String
        public var startedAt: Instant
        public var endedAt: Instant?
        public var outcome: String?
        public var code: String?
        public var reason: String?
    }

    public static func read(
        _ id: TaskID, tenant: String, from reader: any ProcessReader
    ) throws(StoreError) -> TaskView? {
        try reader.snapshot { () throws(StoreError) in
            guard let task = try reader.task(id, tenant: tenant), let process = try reader.process(task.row.process),
                let record = try reader.record(at: task.row.plannedAt),
                case .transitionPlanned(var planned)? = try? Fact(type: record.event.type, data: record.event.data)
            else { return nil }
            // Who opened it again may have given it another input.
            if task.row.reopened > 0, let input = try input(of: task.row.id, in: process, reader) {
                planned.task?.input = input
            }
            var view = TaskView(row: task.row, process: process.row, planned: planned)
            var version: Int64 = 1
            while version <= task.row.streamVersion {
                let records = try reader.taskStream(task.handle, from: version, limit: FoldedProcess.pageSize)
                if records.isEmpty { break }
                for record in records {
                    view.take(record)
                    version = record.version + 1
                }
            }
            return view
        }
    }

    private static func input(
        of task: TaskID, in process: StoredProcess, _ reader: any ProcessReader
    ) throws(StoreError) -> JSONView? {
        let folded = try FoldedProcess.read(process) { from, limit throws(StoreError) in
            try reader.processStream(process.handle, from: from, limit: limit)
        }
        return folded.process.state.tasks[task]?.input
    }

    private mutating func take(_ record: RecordedEvent) {
        let data = record.event.data
        if let step = RecordedStep(record) { steps.append(step) }
        guard let lease = data["lease"]?.int64Value else { return }
        switch record.event.type {
        case "AttemptStarted":
            attempts.append(
                Attempt(
                    number: data["attempt"]?.int64Value.map(Int.init) ?? 0, lease: lease,
                    worker: data["worker"]?.stringValue ?? "", startedAt: record.recordedAt))
        case "AttemptEnded", "TaskReleased":
            guard let index = attempts.lastIndex(where: { $0.lease == lease }) else { return }
            attempts[index].endedAt = record.recordedAt
            attempts[index].outcome = data["outcome"]?.stringValue ?? "released"
            attempts[index].code = data["code"]?.stringValue
            attempts[index].reason = data["reason"]?.stringValue
        default: break
        }
    }
}
