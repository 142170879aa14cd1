import EventSourcing
import JSON

/// The ids of everything that one step brings about, made from its input: deciding again gives the same ids.
///
/// An id is the version 5 UUID of the compact JSON array `[process_id, input id, kind, ordinal]`; the ordinal counts
/// from 0 within one kind over the whole step.
public struct DeterministicIDs: Sendable {
    public enum Kind: String, Sendable, Hashable {
        case record
        case transition
        case task
        case timer
        case command
        case incident
        case published
    }

    private let names: NameBasedIDs
    private var ordinals: (Int, Int, Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0, 0, 0)

    public init(processID: ProcessID, inputID: InputID) {
        var writer = JSONWriter(reserving: 192)
        writer.beginArray()
        writer.value(processID)
        inputID.write(to: &writer)
        names = NameBasedIDs(beginning: writer.bytes)
    }

    public mutating func next(_ kind: Kind) -> UniqueID {
        let ordinal = take(kind)
        var end: [UInt8] = []
        end.reserveCapacity(24)
        end.append(contentsOf: ",\"".utf8)
        end.append(contentsOf: kind.rawValue.utf8)
        end.append(contentsOf: "\",".utf8)
        end.append(contentsOf: String(ordinal).utf8)
        end.append(UInt8(ascii: "]"))
        return names.id(end)
    }

    private mutating func take(_ kind: Kind) -> Int {
        switch kind {
        case .record: Self.increment(&ordinals.0)
        case .transition: Self.increment(&ordinals.1)
        case .task: Self.increment(&ordinals.2)
        case .timer: Self.increment(&ordinals.3)
        case .command: Self.increment(&ordinals.4)
        case .incident: Self.increment(&ordinals.5)
        case .published: Self.increment(&ordinals.6)
        }
    }

    private static func increment(_ ordinal: inout Int) -> Int {
        defer { ordinal += 1 }
        return ordinal
    }
}

/// What makes an input the input it is: a repeat has the same, anything else another.
public enum InputID: Sendable, Hashable {
    case event(source: String, id: EventID)
    /// `reopened` counts how often an operator reopened the task.
    case outcome(taskID: TaskID, attempt: Int, reopened: Int)
    case timer(TimerID)
    case operatorRequest(String)
    /// The n-th step that goes on with the input recorded under a version.
    case continuation(of: Int64, number: Int)

    func write(to writer: inout JSONWriter) {
        writer.beginArray()
        switch self {
        case .event(let source, let id):
            writer.value("event")
            writer.value(source)
            writer.value(id)
        case .outcome(let taskID, let attempt, let reopened):
            writer.value("outcome")
            writer.value(taskID)
            writer.value(Int64(attempt))
            writer.value(Int64(reopened))
        case .timer(let timerID):
            writer.value("timer")
            writer.value(timerID)
        case .operatorRequest(let requestID):
            writer.value("operator")
            writer.value(requestID)
        case .continuation(let version, let number):
            writer.value("continued")
            writer.value(version)
            writer.value(Int64(number))
        }
        writer.endArray()
    }

    /// The id of the process that this event starts.
    public static func processID(
        tenant: String, definition: String, key: String, source: String, eventID: EventID
    ) -> ProcessID {
        var writer = JSONWriter(reserving: 256)
        writer.beginArray()
        writer.value(tenant)
        writer.value(definition)
        writer.value(key)
        writer.value(source)
        writer.value(eventID)
        writer.endArray()
        return UniqueID(name: writer.bytes)
    }
}
