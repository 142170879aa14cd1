import EventSourcing
import JSON
import ProcessManagement

/// Cuts a process stream into the steps in which it was written: each an input with what was decided from it.
struct HistoryReader {
    struct Group {
        var records: [RecordedEvent] = []
        var bodies: [ProcessRecord] = []
        /// Where the input is: 0, or 1 after `ProcessStarted`.
        var inputIndex = 0
        /// Set in the first step.
        var definitionVersion: Int?

        /// The step was replaced because its chain of inputs was too long, which the stream alone does not show.
        var chainFault: DecisionFault? {
            guard case .fact(.incidentRaised(let raised))? = bodies.last, raised.kind == .tooManyRounds,
                raised.pointer == nil, raised.inputVersion == records[inputIndex].version
            else { return nil }
            return DecisionFault(.tooManyRounds, raised.message)
        }
    }

    private let reader: any ProcessReader
    private let process: StoredProcess
    private var page: ArraySlice<RecordedEvent> = []
    private var version: Int64 = 0
    /// Every task that the stream plans for a worker or a child process, in order.
    private(set) var plannedTasks: [TaskID] = []

    init(reader: any ProcessReader, process: StoredProcess) {
        self.reader = reader
        self.process = process
    }

    /// The next step; nil at the end of the stream.
    mutating func nextStep() throws(StoreError) -> Group? {
        var group = Group()
        while let record = try peek() {
            let body: ProcessRecord
            do throws(FactDecodingError) {
                body = try ProcessRecord(record.event)
            } catch {
                throw .unreadable("\(error.type) at position \(record.position): member \(error.member)")
            }
            if !group.records.isEmpty, isStart(of: body, after: group) { break }
            if case .fact(.processStarted(let started)) = body {
                group.definitionVersion = started.definitionVersion
                group.inputIndex = 1
            }
            if case .fact(.transitionPlanned(let planned)) = body, let task = planned.task, task.mode != .sync {
                plannedTasks.append(task.id)
            }
            group.records.append(record)
            group.bodies.append(body)
            page = page.dropFirst()
            version = record.version
        }
        return group.records.isEmpty ? nil : group
    }

    /// An input begins a step, but for the one after `ProcessStarted` and an operator's result after its resolution.
    private func isStart(of body: ProcessRecord, after group: Group) -> Bool {
        guard body.isInput else { return false }
        if group.records.count <= group.inputIndex { return false }
        if group.records.count == 1, case .fact(.incidentResolved(let resolved)) = group.bodies[0],
            case .fact(.taskCompleted(let completed)) = body
        {
            return !(resolved.resolution == .resolve && resolved.taskID == completed.taskID && completed.attempt == 0)
        }
        return true
    }

    private mutating func peek() throws(StoreError) -> RecordedEvent? {
        if page.isEmpty {
            page = try reader.processStream(process.handle, from: version + 1, limit: FoldedProcess.pageSize)[...]
        }
        return page.first
    }
}
