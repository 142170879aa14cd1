/// Where a process is in its life.
public enum ProcessStatus: String, Sendable, Hashable, CaseIterable {
    case new = "New"
    case running = "Running"
    /// A cooperative cancel waits for the tasks that workers hold.
    case cancelling = "Cancelling"
    /// What was done is being undone, last first.
    case compensating = "Compensating"
    case completed = "Completed"
    case cancelled = "Cancelled"
    case failed = "Failed"

    /// Nothing follows: the stream is closed.
    public var isEnd: Bool {
        switch self {
        case .completed, .cancelled, .failed: true
        case .new, .running, .cancelling, .compensating: false
        }
    }
}
