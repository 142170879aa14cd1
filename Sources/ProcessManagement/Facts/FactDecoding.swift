import Chrono
import EventSourcing
import JSON

/// A recorded fact that cannot be read: the store is damaged or was written by a newer release.
public struct FactDecodingError: Error, Sendable, Equatable {
    public let type: String
    public let member: String

    public init(type: String, member: String) {
        self.type = type
        self.member = member
    }
}

extension ProcessRecord {
    /// Reads what a process stream holds. A type of ours without a source is a fact, everything else an accepted event.
    public init(_ event: Event) throws(FactDecodingError) {
        if event.source == nil, Fact.types.contains(event.type) {
            self = .fact(try Fact(type: event.type, data: event.data))
        } else {
            self = .event(event)
        }
    }
}

extension Fact {
    public init(type: String, data: JSONView) throws(FactDecodingError) {
        let reader = FactReader(type: type, data: data)
        switch type {
        case "ProcessStarted":
            self = .processStarted(
                ProcessStarted(
                    processID: try reader.id("process_id"), definition: try reader.string("definition"),
                    definitionVersion: try reader.integer("definition_version"), key: try reader.string("key"),
                    data: try reader.view("data"), correlations: try reader.correlations("correlations")))
        case "TransitionPlanned": self = .transitionPlanned(try TransitionPlanned(reader))
        case "TaskCompleted":
            self = .taskCompleted(
                TaskCompleted(
                    taskID: try reader.id("task_id"), transitionID: try reader.id("transition_id"),
                    machineID: try reader.string("machine_id"), result: try reader.view("result"),
                    attempt: try reader.integer("attempt"), computed: reader.flag("computed")))
        case "TaskFailed":
            self = .taskFailed(
                TaskFailed(
                    taskID: try reader.id("task_id"), transitionID: try reader.id("transition_id"),
                    machineID: try reader.string("machine_id"), code: data["code"]?.stringValue,
                    reason: try reader.string("reason"), attempts: try reader.integer("attempts"),
                    lastCode: data["last_code"]?.stringValue, lastReason: data["last_reason"]?.stringValue,
                    computed: reader.flag("computed")))
        case "TaskCancelled":
            self = .taskCancelled(
                TaskCancelled(
                    taskID: try reader.id("task_id"), transitionID: try reader.id("transition_id"),
                    machineID: try reader.string("machine_id"),
                    attempt: data["attempt"] == nil ? nil : try reader.integer("attempt"),
                    unknown: reader.flag("unknown")))
        case "EventDeferred":
            self = .eventDeferred(
                EventDeferred(
                    eventVersion: try reader.int64("event_version"), machineID: try reader.string("machine_id"),
                    eventType: data["event_type"]?.stringValue, taken: reader.flag("taken")))
        case "StepContinued":
            self = .stepContinued(
                StepContinued(
                    of: try reader.int64("of"), number: try reader.integer("number"),
                    machines: try reader.view("machines").elements.compactMap(\.stringValue)))
        case "DeferredEventOffered":
            self = .deferredEventOffered(
                DeferredEventOffered(
                    eventVersion: try reader.int64("event_version"), machineID: try reader.string("machine_id"),
                    result: try reader.choice("result")))
        case "TimerScheduled":
            self = .timerScheduled(
                TimerScheduled(
                    timerID: try reader.id("timer_id"), machineID: data["machine_id"]?.stringValue,
                    dueAt: try reader.instant("due_at"), state: data["state"]?.stringValue,
                    index: try reader.integer("index"), name: data["name"]?.stringValue))
        case "TimerFired":
            self = .timerFired(
                TimerFired(
                    timerID: try reader.id("timer_id"), machineID: data["machine_id"]?.stringValue,
                    dueAt: try reader.instant("due_at")))
        case "CommandIssued":
            self = .commandIssued(
                CommandIssued(
                    commandID: try reader.id("command_id"), command: try reader.string("command"),
                    payload: try reader.view("payload")))
        case "IncidentRaised":
            self = .incidentRaised(
                IncidentRaised(
                    incidentID: try reader.id("incident_id"), kind: try reader.choice("kind"),
                    message: try reader.string("message"), taskID: try reader.optionalID("task_id"),
                    inputVersion: data["input_version"] == nil ? nil : try reader.int64("input_version"),
                    machineID: data["machine_id"]?.stringValue, pointer: data["pointer"]?.stringValue))
        case "IncidentResolved":
            self = .incidentResolved(
                IncidentResolved(
                    incidentID: try reader.id("incident_id"), resolution: try reader.choice("resolution"),
                    taskID: try reader.optionalID("task_id"), always: reader.flag("always"),
                    machineID: data["machine_id"]?.stringValue, pointer: data["pointer"]?.stringValue,
                    input: data["input"], set: data["set"], data: data["data"], reason: data["reason"]?.stringValue,
                    by: data["by"]?.stringValue, requestID: try reader.string("request_id")))
        case "ProcessCancellationRequested":
            self = .cancellationRequested(
                CancellationRequested(
                    reason: try reader.string("reason"), mode: try reader.choice("mode"),
                    compensate: reader.flag("compensate"), explicit: reader.flag("explicit"),
                    deadlineAt: data["deadline_at"] == nil ? nil : try reader.instant("deadline_at"),
                    by: data["by"]?.stringValue, requestID: try reader.string("request_id")))
        case "ProcessSuspended": self = .suspended(try reader.note())
        case "ProcessResumed": self = .resumed(try reader.note())
        case "ProcessMigrated": self = .processMigrated(try ProcessMigrated(reader))
        case "CompensationStarted":
            self = .compensationStarted(
                PlannedEnd(kind: try reader.choice("end"), reason: try reader.string("reason"), compensate: true))
        case "ProcessCancelled": self = .processCancelled(reason: try reader.string("reason"))
        case "ProcessCompleted": self = .processCompleted(result: data["result"])
        case "ProcessFailed": self = .processFailed(reason: try reader.string("reason"))
        default: throw FactDecodingError(type: type, member: "type")
        }
    }
}

extension TransitionPlanned {
    fileprivate init(_ reader: FactReader) throws(FactDecodingError) {
        let data = reader.data
        self.init(
            transitionID: try reader.id("transition_id"), transition: try reader.string("transition"),
            machineID: try reader.string("machine_id"), machine: try reader.string("machine"),
            fromState: data["from_state"]?.stringValue, toState: try reader.string("to_state"),
            stays: reader.flag("stays"), item: data["item"], set: data["set"],
            result: data["result"],
            correlations: try reader.correlations("correlations"),
            definitionVersion: try reader.integer("definition_version"), undoes: try reader.optionalID("undoes"))
        guard data["task_id"] != nil else { return }
        task = PlannedTask(
            id: try reader.id("task_id"), type: try reader.string("task_type"), mode: try reader.choice("task_mode"),
            input: try reader.view("input"), childKey: data["child_key"]?.stringValue,
            pointer: try reader.string("task_pointer"),
            isStateTask: reader.flag("state_task"),
            undo: data["task_undo"] == nil ? nil : try reader.choice("task_undo"),
            policy: try data["task_policy"].map { view throws(FactDecodingError) in try TaskPolicy(decoding: view) })
    }
}

extension TaskPolicy {
    init(decoding view: JSONView) throws(FactDecodingError) {
        self.init()
        let reader = FactReader(type: "TransitionPlanned", data: view)
        priority = try reader.integer("priority")
        if let view = view["retry"] {
            let reader = FactReader(type: "TransitionPlanned", data: view)
            retry.maxAttempts = try reader.integer("max_attempts")
            retry.delay = try reader.timeSpan("delay")
            retry.factor = view["factor"]?.doubleValue ?? retry.factor
            retry.maxDelay = try reader.timeSpan("max_delay")
            retry.jitter = view["jitter"]?.doubleValue ?? retry.jitter
            retry.never = view["never"]?.elements.compactMap(\.stringValue) ?? []
        }
        if let view = view["timeouts"] {
            timeouts = TaskTimeouts(
                claim: view["claim"]?.stringValue.flatMap { TimeSpan($0) },
                attempt: view["attempt"]?.stringValue.flatMap { TimeSpan($0) },
                heartbeat: view["heartbeat"]?.stringValue.flatMap { TimeSpan($0) },
                total: view["total"]?.stringValue.flatMap { TimeSpan($0) })
        }
    }
}

/// Reads the members of one recorded fact; what is missing or of another type is an error that names it.
struct FactReader {
    let type: String
    let data: JSONView

    func view(_ member: String) throws(FactDecodingError) -> JSONView {
        guard let view = data[member] else { throw FactDecodingError(type: type, member: member) }
        return view
    }

    func string(_ member: String) throws(FactDecodingError) -> String {
        guard let text = data[member]?.stringValue else { throw FactDecodingError(type: type, member: member) }
        return text
    }

    func int64(_ member: String) throws(FactDecodingError) -> Int64 {
        guard let number = data[member]?.int64Value else { throw FactDecodingError(type: type, member: member) }
        return number
    }

    func integer(_ member: String) throws(FactDecodingError) -> Int {
        Int(try int64(member))
    }

    func flag(_ member: String) -> Bool {
        data[member]?.boolValue ?? false
    }

    func id(_ member: String) throws(FactDecodingError) -> UniqueID {
        guard let id = UniqueID(canonical: try string(member)) else {
            throw FactDecodingError(type: type, member: member)
        }
        return id
    }

    func optionalID(_ member: String) throws(FactDecodingError) -> UniqueID? {
        data[member] == nil ? nil : try id(member)
    }

    func instant(_ member: String) throws(FactDecodingError) -> Instant {
        guard let instant = Instant(rfc3339: try string(member)) else {
            throw FactDecodingError(type: type, member: member)
        }
        return instant
    }

    func timeSpan(_ member: String) throws(FactDecodingError) -> TimeSpan {
        guard let span = TimeSpan(try string(member)) else { throw FactDecodingError(type: type, member: member) }
        return span
    }

    func choice<Choice: RawRepresentable>(_ member: String) throws(FactDecodingError) -> Choice
    where Choice.RawValue == String {
        guard let choice = Choice(rawValue: try string(member)) else {
            throw FactDecodingError(type: type, member: member)
        }
        return choice
    }

    func correlations(_ member: String) throws(FactDecodingError) -> [Correlation] {
        guard let view = data[member] else { return [] }
        var correlations: [Correlation] = []
        for (name, value) in view.members {
            if let text = value.stringValue {
                correlations.append(Correlation(name: name, value: text))
            } else {
                for text in value.elements.compactMap(\.stringValue) {
                    correlations.append(Correlation(name: name, value: text))
                }
            }
        }
        return correlations
    }

    func note() throws(FactDecodingError) -> OperatorNote {
        OperatorNote(
            reason: data["reason"]?.stringValue, by: data["by"]?.stringValue, requestID: try string("request_id"))
    }
}
