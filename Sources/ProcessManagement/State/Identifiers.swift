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
    /// The category of the streams that hold what processes published.
    public static let publishedCategory = "published"

    /// The category of the streams that hold what became of webhook endpoints.
    public static let webhookCategory = "webhook"
    /// The category of the stream that holds what operators did to no process in particular.
    public static let auditCategory = "audit"

    /// Categories that are the engine's own, beside those of definitions.
    public static let managedCategories: Set<String> = [
        taskCategory, publishedCategory, webhookCategory, auditCategory,
    ]

    public static func process(_ id: ProcessID, of definition: String) -> StreamID {
        StreamID(category: definition, id: id)
    }

    public static func task(_ id: TaskID) -> StreamID {
        StreamID(category: taskCategory, id: id)
    }

    /// What a process published.
    public static func published(by id: ProcessID) -> StreamID {
        StreamID(category: publishedCategory, id: id)
    }
}
