import Chrono
import EventSourcing
import JSON

/// A process that does a task of another one.
public struct ChildProcess: Sendable, Equatable {
    public let definition: String
    public let key: String

    public init(definition: String, key: String) {
        self.definition = definition
        self.key = key
    }

    /// The type of the event that a child starts with. Its source is `procession`, its id that of the task.
    public static let startEvent = "ChildRequested"

    /// The type of the tasks that are children of a definition; no worker can have them.
    public static func taskType(_ definition: String) -> String { taskTypePrefix + definition }

    public var taskType: String { Self.taskType(definition) }

    public static func isTaskType(_ type: String) -> Bool { type.hasPrefix(taskTypePrefix) }

    private static let taskTypePrefix = "process:"

    /// Who the parent is, as attributes of the start event.
    enum Attribute {
        static let process = "parentprocess"
        static let task = "parenttask"
    }

    /// The event that starts the child that does `task`. A task that an operator reopened gets a new child, whose start
    /// event has the number of the try behind the task's id.
    public static func request(
        for task: PlannedTask, reopened: Int, by processID: ProcessID, at now: Instant, correlationID: String?,
        causationID: String?, traceparent: String?, tracestate: String? = nil
    ) -> Event {
        var extensions: JSONObject = [
            Attribute.process: .string(processID.description), Attribute.task: .string(task.id.description),
        ]
        if traceparent != nil, let tracestate { extensions["tracestate"] = .string(tracestate) }
        return Event(
            id: requestID(for: task.id, reopened: reopened), type: startEvent, source: ReservedNames.ours,
            time: now.rfc3339, data: task.input, correlationID: correlationID, causationID: causationID,
            traceparent: traceparent,
            extensions: JSONView(.object(extensions)))
    }

    public static func requestID(for task: TaskID, reopened: Int) -> EventID {
        reopened == 0 ? EventID(task) : EventID("\(task)-\(reopened)")
    }

    /// The id of the child that does a task.
    public func processID(tenant: String, task: TaskID, reopened: Int) -> ProcessID {
        InputID.processID(
            tenant: tenant, definition: definition, key: key, source: ReservedNames.ours,
            eventID: Self.requestID(for: task, reopened: reopened))
    }
}

extension PlannedTask {
    /// The child process that it is, if it is one.
    public var child: ChildProcess? {
        guard mode == .child, let childKey, ChildProcess.isTaskType(type) else { return nil }
        return ChildProcess(definition: String(type.dropFirst(ChildProcess.taskType("").count)), key: childKey)
    }
}

/// The task that a child process does.
public struct ParentTask: Sendable, Equatable {
    public let processID: ProcessID
    public let taskID: TaskID

    public init(processID: ProcessID, taskID: TaskID) {
        self.processID = processID
        self.taskID = taskID
    }

    /// Nil for an event that starts a process of its own. Nobody else can use the source.
    init?(requestedBy event: Event) {
        guard event.type == ChildProcess.startEvent, event.source == ReservedNames.ours,
            let process = event.extensions?[ChildProcess.Attribute.process]?.stringValue.flatMap({ UniqueID($0) }),
            let task = event.extensions?[ChildProcess.Attribute.task]?.stringValue.flatMap({ UniqueID($0) })
        else { return nil }
        self.init(processID: process, taskID: task)
    }
}
