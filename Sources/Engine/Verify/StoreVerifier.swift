import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// Proves that a store is what its streams say: refolds and re-decides every process, and compares every derived row.
///
/// Reads only. Give it a reader of a store on which nothing is written meanwhile, or a consistent snapshot.
public struct StoreVerifier {
    let reader: any ProcessReader
    let registry: ManagerRegistry

    public init(
        reader: any ProcessReader, factory: any ManagerFactory, managers: [any ManagedDefinition] = []
    ) throws(StoreError) {
        self.reader = reader
        var registry = ManagerRegistry()
        for manager in managers { registry.add(manager) }
        for row in try reader.definitions() {
            do throws(Problem) {
                registry.add(try factory.makeManager(name: row.name, version: row.version, content: row.content))
            } catch {
                throw .unreadable("definition \(row.name) version \(row.version): \(error.detail)")
            }
        }
        self.registry = registry
    }

    /// What was looked at and, if anything is wrong, the first thing that is.
    public struct Report: Sendable, Equatable {
        public var processes = 0
        public var records = 0
        public var difference: String?

        public init() {}
    }

    /// Verifies every process of every tenant, until something differs.
    public func verifyAll() throws(StoreError) -> Report {
        var total = Report()
        for tenant in try reader.tenants() {
            let report = try verifyProcesses(of: tenant)
            total.processes += report.processes
            total.records += report.records
            total.difference = report.difference
            if total.difference != nil { return total }
        }
        total.difference = try verifyInbox()
        return total
    }

    /// Verifies every process of a tenant, newest first, until something differs.
    public func verifyAll(tenant: String) throws(StoreError) -> Report {
        var report = try verifyProcesses(of: tenant)
        if report.difference == nil { report.difference = try verifyInbox(of: tenant) }
        return report
    }

    private func verifyProcesses(of tenant: String) throws(StoreError) -> Report {
        var report = Report()
        var query = ProcessQuery(tenant: tenant, limit: 200)
        while true {
            let page = try reader.processes(query)
            for listed in page {
                // Lists come without snapshots.
                guard let process = try reader.process(listed.handle) else { continue }
                report.processes += 1
                report.records += Int(process.row.version)
                if let difference = try verify(process) {
                    report.difference = "process \(process.row.id) of \(process.row.definition): \(difference)"
                    return report
                }
            }
            guard let last = page.last else {
                report.difference = try verifyOutgoing(tenant: tenant)
                return report
            }
            query.before = last.handle
        }
    }

    /// The first difference between a process's stream and everything else that is stored of it; nil if there is none.
    public func verify(_ process: StoredProcess) throws(StoreError) -> String? {
        var history = HistoryReader(reader: reader, process: process)
        var state = ProcessState(
            processID: process.row.id, tenant: process.row.tenant, definition: process.row.definition,
            definitionVersion: process.row.definitionVersion, key: process.row.key)
        var progress = Progress()
        while let group = try history.nextStep() {
            try recall(&progress.deferred, of: process.handle, before: state)
            if let difference = try verify(group, from: &state, of: process, &progress) { return difference }
        }
        if progress.continuation != nil { return "its last step has to go on" }
        if try !reader.publishedStream(process.handle, from: progress.published + 1, limit: 1).isEmpty {
            return "it published more than its stream leads to: \(progress.published) events"
        }
        guard state.version == process.row.version else {
            return "its stream ends at version \(state.version), its row says \(process.row.version)"
        }
        if let difference = try compareSnapshot(of: process, with: state) { return difference }
        return try compareRows(of: process, with: state, plannedTasks: history.plannedTasks)
    }

    /// How far a history was decided again.
    private struct Progress {
        var published: Int64 = 0
        /// The events that wait.
        var deferred: [Int64: Event] = [:]
        /// What the next step has to go on with.
        var continuation: StepContinued?
    }

    /// Decides a recorded input again and compares what comes out with what is recorded.
    private func verify(
        _ group: HistoryReader.Group, from state: inout ProcessState, of process: StoredProcess,
        _ progress: inout Progress
    ) throws(StoreError) -> String? {
        let first = group.records[0].version
        let now = group.records[group.inputIndex].recordedAt
        if let version = group.definitionVersion {
            state = ProcessState(
                processID: state.processID, tenant: state.tenant, definition: state.definition,
                definitionVersion: version, key: state.key)
        }
        guard let input = try input(of: group, before: state) else { return "version \(first) is not an input" }
        guard let manager = registry.deciding(input, of: state) else {
            return "version \(input.definitionVersion(in: state)) of \(state.definition) is not stored"
        }
        if let difference = compareMigration(input, of: state, by: manager) { return difference }
        if let expected = progress.continuation, input != .continued(expected) {
            return "version \(first): the step before has to go on first"
        }
        if case .continued = input, progress.continuation == nil {
            return "version \(first): there is nothing to go on with"
        }
        let step: Step
        let observed: Observations
        do throws(FactDecodingError) {
            observed = try Observations(decoding: group.records[group.inputIndex].event.observed)
            step = manager.step(
                state, input, observing: observed, recalling: progress.deferred, at: now, failing: group.chainFault)
        } catch {
            return "version \(first): the recorded observations cannot be read"
        }
        guard step.entries.count == group.records.count else {
            return
                "deciding version \(first) again gives \(step.entries.count) records, \(group.records.count) are stored"
        }
        for (entry, record) in zip(step.entries, group.records) {
            if let difference = compare(entry, record, in: state.processID) { return difference }
        }
        let cause = step.entries[group.inputIndex].id
        if let difference = try compare(step.published, cause: cause, in: state, after: &progress.published) {
            return difference
        }
        if let difference = try compareEvents(
            of: group, step, before: state, observed.rules, in: process, progress.deferred)
        {
            return difference
        }
        progress.continuation = step.continuation
        state = step.state
        return nil
    }

    /// What the inbox says of the event of a step, and of those that the process ended with.
    private func compareEvents(
        of group: HistoryReader.Group, _ step: Step, before: ProcessState, _ rules: DecisionRules,
        in process: StoredProcess, _ deferred: [Int64: Event]
    ) throws(StoreError) -> String? {
        let tenant = before.tenant
        let record = group.records[group.inputIndex]
        if case .event(let event) = group.bodies[group.inputIndex] {
            if let difference = try compareWithInbox(event, tenant: tenant) {
                return "version \(record.version): \(difference)"
            }
            if rules >= .second, before.status == .cancelling || before.status == .compensating,
                let difference = try compareWhereabouts(of: event, at: record.version, in: process, tenant: tenant)
            {
                return difference
            }
        }
        guard rules >= .second, step.state.status.isEnd, !before.status.isEnd else { return nil }
        for version in step.state.waitingEvents.inOrder.map(\.version) + step.unoffered {
            let event: Event?
            if let known = deferred[version] {
                event = known
            } else {
                event = try reader.processStream(process.handle, from: version, limit: 1).first?.event
            }
            if let event,
                let difference = try compareWhereabouts(of: event, at: version, in: process, tenant: tenant)
            {
                return difference
            }
        }
        return nil
    }

    /// What a migration recorded has to follow from the state, its own map and the version it led to.
    private func compareMigration(
        _ input: ProcessInput, of state: ProcessState, by manager: any ProcessManager
    ) -> String? {
        guard case .migrate(let fact) = input else { return nil }
        var map = StateMap()
        for move in fact.moves { map.machines[move.machine, default: [:]][move.from] = move.to }
        let again = state.migration(
            to: manager, by: map, enter: fact.enter, reason: fact.reason, requestedBy: fact.by,
            requestID: fact.requestID)
        return again == .possible(fact)
            ? nil : "version \(state.version + 1): migrating again to version \(fact.toVersion) gives something else"
    }

    /// Brings the deferred events up to the state: each is read once, however many steps it waits.
    private func recall(
        _ deferred: inout [Int64: Event], of process: RowHandle, before state: ProcessState
    ) throws(StoreError) {
        guard state.deferredCount > 0 else {
            deferred.removeAll()
            return
        }
        let waiting = state.deferredVersions
        if deferred.count > waiting.count {
            let kept = Set(waiting)
            deferred = deferred.filter { kept.contains($0.key) }
        }
        let (reader, known) = (reader, deferred)
        let missing = try RecordedInput.events(at: waiting.filter { known[$0] == nil }) {
            version, limit throws(StoreError) in
            try reader.processStream(process, from: version, limit: limit)
        }
        deferred.merge(missing) { $1 }
    }

    private func compare(_ entry: Step.Entry, _ record: RecordedEvent, in processID: ProcessID) -> String? {
        guard entry.id == record.event.id else { return "version \(record.version): another id" }
        switch entry.record {
        case .event(let event):
            return event.type == record.event.type && event.data == record.event.data
                ? nil : "version \(record.version): another event"
        case .fact(let fact):
            guard fact.type == record.event.type else {
                return "version \(record.version): deciding again gives \(fact.type), \(record.event.type) is stored"
            }
            let decided = fact.encoded(in: processID)
            return decided.rawBytes == record.event.data.rawBytes
                ? nil
                : "version \(record.version): deciding again gives \(decided.text), stored is \(record.event.data.text)"
        }
    }

    /// What the step publishes is what the process's `published` stream holds next.
    private func compare(
        _ published: [PublishedEvent], cause: EventID, in state: ProcessState, after version: inout Int64
    ) throws(StoreError) -> String? {
        guard !published.isEmpty, let process = try reader.process(state.processID, tenant: state.tenant) else {
            return nil
        }
        var records: [RecordedEvent] = []
        while records.count < published.count {
            let page = try reader.publishedStream(
                process.handle, from: version + 1 + Int64(records.count), limit: published.count - records.count)
            if page.isEmpty { break }
            records += page
        }
        guard records.count == published.count else {
            return "published version \(version + Int64(records.count) + 1): deciding again publishes more"
        }
        for (event, record) in zip(published, records) {
            version += 1
            let stored = record.event
            guard record.version == version, stored.id == event.id, stored.type == event.type,
                stored.data.rawBytes == event.data.rawBytes, stored.causationID == cause.description
            else { return "published version \(version): deciding again gives another event" }
        }
        return nil
    }

    private func compareSnapshot(of process: StoredProcess, with state: ProcessState) throws(StoreError) -> String? {
        let reader = reader
        let folded = try FoldedProcess.read(process) { version, limit throws(StoreError) in
            try reader.processStream(process.handle, from: version, limit: limit)
        }.process.state
        return folded.snapshot() == state.snapshot()
            ? nil : "its snapshot and the records after it give another state than its whole stream"
    }

    private func input(of group: HistoryReader.Group, before: ProcessState) throws(StoreError) -> ProcessInput? {
        let body = group.bodies[group.inputIndex]
        let next = group.inputIndex + 1 < group.bodies.count ? group.bodies[group.inputIndex + 1] : nil
        guard let input = RecordedInput.input(body, next: next, before: before) else { return nil }
        guard case .resolve(let resolution, let result, _) = input, resolution.resolution == .retry,
            let incident = before.incidents[resolution.incidentID], let version = incident.inputVersion
        else { return input }
        var recorded: [RetriedInput] = []
        for version in [version] + (version == 2 ? before.waitingInputs : []) {
            let stored = try reader.process(before.processID, tenant: before.tenant)
            guard let stored else { return nil }
            let retried = try RecordedInput.retried(at: version, of: stored) { from, limit throws(StoreError) in
                try reader.processStream(stored.handle, from: from, limit: limit)
            }
            if let retried { recorded.append(retried) }
        }
        return .resolve(resolution, result: result, recorded: recorded)
    }
}
