import EventSourcing

public typealias ProcessID = UniqueID
public typealias TaskID = UniqueID
public typealias TransitionID = UniqueID
public typealias TimerID = UniqueID
public typealias IncidentID = UniqueID
public typealias CommandID = UniqueID

extension StreamID {
    /// The category of the streams that hold a task's claims, steps and attempts.
    public static let taskCategory = "task"

    public static func process(_ id: ProcessID, of definition: String) -> StreamID {
        StreamID(category: definition, id: id)
    }

    public static func task(_ id: TaskID) -> StreamID {
        StreamID(category: taskCategory, id: id)
    }
}
