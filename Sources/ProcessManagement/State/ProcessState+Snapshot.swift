import Chrono
import EventSourcing
import HashTreeCollections
import JSON

// A snapshot is the folded state as JSON. It spares folding a long stream from the start; it is never the truth, and
// equal states have equal snapshots, byte for byte.

extension ProcessState {
    /// The format of `snapshot`; a store drops snapshots of another format and folds from the start.
    public static let snapshotFormat = 1

    public func snapshot() -> [UInt8] {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        writer.member("format", Self.snapshotFormat)
        writer.member("process_id", processID.description)
        writer.member("tenant", tenant)
        writer.member("definition", definition)
        writer.member("definition_version", definitionVersion)
        writer.member("key", key)
        writer.member("version", version)
        writer.member("status", status.rawValue)
        if isMigrated { writer.member("migrated", true) }
        if suspended { writer.member("suspended", true) }
        if let suspendedAt { writer.member("suspended_at", suspendedAt.milliseconds) }
        writer.member("started_at", startedAt.milliseconds)
        writer.member("updated_at", updatedAt.milliseconds)
        if let endedAt { writer.member("ended_at", endedAt.milliseconds) }
        writer.optional("reason", reason)
        if let result { writer.member("result", result) }
        writer.name("data")
        writer.beginObject()
        for member in data.inOrder {
            writer.name(member.name)
            writer.value(member.value)
        }
        writer.endObject()
        writer.list("machines", machines.inOrder) { $0.machine($1) }
        if !waitingEvents.isEmpty {
            writer.list("waiting_events", waitingEvents.inOrder) { writer, event in
                writer.beginArray()
                writer.value(event.version)
                if let type = event.type { writer.value(type) } else { writer.null() }
                writer.value(event.taken)
                writer.endArray()
            }
        }
        if !corrections.isEmpty {
            writer.list("corrections", corrections.inOrder) { writer, correction in
                writer.beginArray()
                writer.value(correction.version)
                writer.value(correction.value)
                writer.endArray()
            }
        }
        writer.list("tasks", tasks.inOrder) { $0.task($1, in: definitionVersion) }
        writer.list("timers", timers.inOrder) { $0.timer($1) }
        writer.list("incidents", incidents.inOrder) { $0.incident($1, in: definitionVersion) }
        writer.list("correlations", correlations.inOrder) { writer, correlation in
            writer.beginArray()
            writer.value(correlation.name)
            writer.value(correlation.value)
            writer.endArray()
        }
        writer.list("undo", undoStack.inOrder) { writer, undoable in
            writer.beginObject()
            writer.name("task")
            writer.task(undoable.task, in: definitionVersion)
            writer.member("result", undoable.result)
            writer.endObject()
        }
        if let ending {
            writer.name("ending")
            writer.beginArray()
            writer.value(ending.kind.rawValue)
            writer.value(ending.reason)
            writer.value(ending.compensate)
            writer.endArray()
        }
        writer.optional("correlation_id", correlationID)
        writer.optional("traceparent", traceparent)
        writer.optional("tracestate", tracestate)
        if let parent {
            writer.name("parent")
            writer.beginArray()
            writer.value(parent.processID)
            writer.value(parent.taskID)
            writer.endArray()
        }
        if !waitingInputs.isEmpty { writer.list("waiting", waitingInputs) { $0.value($1) } }
        writer.endObject()
        return writer.finish()
    }

    /// Reads what `snapshot` wrote; nil if it is of another format or damaged, then the stream is folded from the start.
    public init?(snapshot bytes: [UInt8]) {
        guard let view = try? JSONDocument.parse(bytes, limits: JSONLimits(maximumDepth: 512)).root,
            view["format"]?.int64Value == Int64(Self.snapshotFormat)
        else { return nil }
        do throws(FactDecodingError) {
            try self.init(FactReader(type: "snapshot", data: view))
        } catch {
            return nil
        }
    }

    private init(_ reader: FactReader) throws(FactDecodingError) {
        let view = reader.data
        self.init(
            processID: try reader.id("process_id"), tenant: try reader.string("tenant"),
            definition: try reader.string("definition"), definitionVersion: try reader.integer("definition_version"),
            key: try reader.string("key"))
        version = try reader.int64("version")
        status = try reader.choice("status")
        isMigrated = reader.flag("migrated")
        suspended = reader.flag("suspended")
        suspendedAt = view["suspended_at"]?.int64Value.map(Instant.init(milliseconds:))
        startedAt = Instant(milliseconds: try reader.int64("started_at"))
        updatedAt = Instant(milliseconds: try reader.int64("updated_at"))
        endedAt = view["ended_at"]?.int64Value.map(Instant.init(milliseconds:))
        reason = view["reason"]?.stringValue
        result = view["result"]
        for (name, value) in try reader.view("data").members {
            let member = NamedValue(name: name, value: value)
            data[name] = member
            dataBytes += member.size
        }
        for view in try reader.view("machines").elements {
            let machine = try Machine(FactReader(type: "snapshot", data: view))
            machines[machine.id] = machine
            counts.add(1, of: machine.name, in: machine.state)
            deferredCount += machine.deferred.count
            if machine.isSpawned { spawnedCount += 1 }
        }
        readWaitingEvents(view["waiting_events"])
        for view in view["corrections"]?.elements.map({ $0 }) ?? [] {
            guard let version = view[0]?.int64Value, let value = view[1] else { continue }
            corrections[version] = InputCorrection(version: version, value: value)
        }
        for view in try reader.view("tasks").elements {
            let task = try OpenTask(FactReader(type: "snapshot", data: view), in: definitionVersion)
            tasks[task.id] = task
            if task.undo == .whenUnknown { unknowableTasks += 1 }
        }
        for view in try reader.view("timers").elements {
            insert(try PendingTimer(FactReader(type: "snapshot", data: view)))
        }
        for view in try reader.view("incidents").elements {
            insert(try Incident(FactReader(type: "snapshot", data: view), in: definitionVersion))
        }
        for view in try reader.view("correlations").elements {
            guard let name = view[0]?.stringValue, let value = view[1]?.stringValue else { continue }
            let correlation = Correlation(name: name, value: value)
            correlations[correlation] = correlation
        }
        for view in try reader.view("undo").elements {
            let reader = FactReader(type: "snapshot", data: view)
            let task = try OpenTask(FactReader(type: "snapshot", data: try reader.view("task")), in: definitionVersion)
            undoStack[task.id] = UndoableTask(task: task, result: try reader.view("result"))
        }
        if let view = view["ending"], let kind = view[0]?.stringValue.flatMap(PlannedEnd.Kind.init(rawValue:)) {
            ending = PlannedEnd(
                kind: kind, reason: view[1]?.stringValue ?? "", compensate: view[2]?.boolValue ?? false)
        }
        correlationID = view["correlation_id"]?.stringValue
        traceparent = view["traceparent"]?.stringValue
        tracestate = view["tracestate"]?.stringValue
        if let view = view["parent"], let process = view[0]?.stringValue.flatMap({ UniqueID($0) }),
            let task = view[1]?.stringValue.flatMap({ UniqueID($0) })
        {
            parent = ParentTask(processID: process, taskID: task)
        }
        waitingInputs = view["waiting"]?.elements.compactMap(\.int64Value) ?? []
    }
}

extension ProcessState {
    /// Snapshots of earlier releases have no such list: their machines say which events wait.
    private mutating func readWaitingEvents(_ view: JSONView?) {
        for view in view?.elements.map({ $0 }) ?? [] {
            guard let version = view[0]?.int64Value else { continue }
            waitingEvents[version] = WaitingEvent(
                version: version, type: view[1]?.stringValue, machines: 0, taken: view[2]?.boolValue ?? false)
        }
        guard deferredCount > 0 else { return }
        var counted: [Int64: Int] = [:]
        for machine in machines.inOrder {
            for version in machine.deferred { counted[version, default: 0] += 1 }
        }
        for (version, machines) in counted.sorted(by: { $0.key < $1.key }) {
            var event =
                waitingEvents[version] ?? WaitingEvent(version: version, type: nil, machines: 0, taken: false)
            event.machines = machines
            waitingEvents[version] = event
        }
    }
}

extension JSONWriter {
    fileprivate mutating func list<Row>(
        _ name: StaticString, _ rows: [Row], _ write: (inout JSONWriter, Row) -> Void
    ) {
        self.name(name)
        beginArray()
        for row in rows { write(&self, row) }
        endArray()
    }

    fileprivate mutating func machine(_ machine: Machine) {
        beginObject()
        member("id", machine.id)
        member("name", machine.name)
        member("state", machine.state)
        if let item = machine.item { member("item", item) }
        member("entered_at", machine.enteredAt)
        optional("state_task", machine.stateTask?.description)
        if !machine.deferred.isEmpty { list("deferred", machine.deferred) { $0.value($1) } }
        if machine.hasFailingAlways { member("failing_always", true) }
        if let result = machine.result { member("result", result) }
        endObject()
    }

    /// The version is written where it is not that of the process.
    fileprivate mutating func task(_ task: OpenTask, in version: Int) {
        beginObject()
        member("id", task.id.description)
        member("type", task.type)
        member("transition_id", task.transitionID.description)
        member("machine_id", task.machineID)
        member("input", task.input)
        member("pointer", task.pointer)
        if task.definitionVersion != version { member("definition_version", task.definitionVersion) }
        if task.isStateTask { member("state_task", true) }
        member("entered_at", task.enteredAt)
        optional("undo", task.undo?.rawValue)
        optional("undoes", task.undoes?.description)
        if task.reopened > 0 { member("reopened", task.reopened) }
        endObject()
    }

    fileprivate mutating func timer(_ timer: PendingTimer) {
        beginObject()
        member("id", timer.id.description)
        optional("machine_id", timer.machineID)
        member("due_at", timer.dueAt.milliseconds)
        optional("state", timer.state)
        member("index", timer.index)
        optional("name", timer.name)
        endObject()
    }

    fileprivate mutating func incident(_ incident: Incident, in version: Int) {
        beginObject()
        member("id", incident.id.description)
        member("kind", incident.kind.rawValue)
        member("message", incident.message)
        if let open = incident.task {
            name("task")
            task(open, in: version)
        }
        if let open = incident.undecided {
            name("undecided")
            task(open, in: version)
        }
        if let version = incident.inputVersion { member("input_version", version) }
        optional("pointer", incident.pointer)
        optional("machine_id", incident.machineID)
        member("raised_at", incident.raisedAt.milliseconds)
        endObject()
    }
}

extension Machine {
    fileprivate init(_ reader: FactReader) throws(FactDecodingError) {
        self.init(
            id: try reader.string("id"), name: try reader.string("name"), state: try reader.string("state"),
            item: reader.data["item"], enteredAt: try reader.int64("entered_at"),
            stateTask: try reader.optionalID("state_task"),
            deferred: reader.data["deferred"]?.elements.compactMap(\.int64Value) ?? [],
            hasFailingAlways: reader.flag("failing_always"), result: reader.data["result"])
    }
}

extension OpenTask {
    fileprivate init(_ reader: FactReader, in version: Int) throws(FactDecodingError) {
        self.init(
            id: try reader.id("id"), type: try reader.string("type"), transitionID: try reader.id("transition_id"),
            machineID: try reader.string("machine_id"), input: try reader.view("input"),
            pointer: try reader.string("pointer"),
            definitionVersion: reader.data["definition_version"] == nil
                ? version : try reader.integer("definition_version"),
            isStateTask: reader.flag("state_task"),
            enteredAt: try reader.int64("entered_at"),
            undo: reader.data["undo"] == nil ? nil : try reader.choice("undo"),
            undoes: try reader.optionalID("undoes"),
            reopened: reader.data["reopened"] == nil ? 0 : try reader.integer("reopened"))
    }
}

extension PendingTimer {
    fileprivate init(_ reader: FactReader) throws(FactDecodingError) {
        self.init(
            id: try reader.id("id"), machineID: reader.data["machine_id"]?.stringValue,
            dueAt: Instant(milliseconds: try reader.int64("due_at")), state: reader.data["state"]?.stringValue,
            index: try reader.integer("index"), name: reader.data["name"]?.stringValue)
    }
}

extension Incident {
    fileprivate init(_ reader: FactReader, in version: Int) throws(FactDecodingError) {
        self.init(
            id: try reader.id("id"), kind: try reader.choice("kind"), message: try reader.string("message"),
            task: try reader.data["task"].map { view throws(FactDecodingError) in
                try OpenTask(FactReader(type: "snapshot", data: view), in: version)
            },
            undecided: try reader.data["undecided"].map { view throws(FactDecodingError) in
                try OpenTask(FactReader(type: "snapshot", data: view), in: version)
            },
            inputVersion: reader.data["input_version"]?.int64Value, pointer: reader.data["pointer"]?.stringValue,
            machineID: reader.data["machine_id"]?.stringValue,
            raisedAt: Instant(milliseconds: try reader.int64("raised_at")))
    }
}
