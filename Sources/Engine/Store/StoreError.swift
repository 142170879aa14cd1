import EventSourcing

/// Why a store could not do what the engine asked. Nothing of the transaction is kept.
public enum StoreError: Error, Sendable, Equatable {
    /// The stream is at another version, or the key belongs to another running process: load and decide again.
    case conflict(String)
    /// What was to be inserted is there already: an event that was handled (its source and id are in the inbox), a
    /// process, a task, a timer, a command, a version of a definition.
    case duplicate(String)
    /// The row, stream or version does not exist.
    case unknown(String)
    case closed
    /// The disk or the database refused: full, read-only, I/O error. The store is reopened before the next batch.
    case unavailable(String)
    /// The file is damaged, newer than this release, or not ours. `hint` says what to do.
    case unusable(String, hint: String)
    /// A recorded value cannot be read.
    case unreadable(String)
}

extension StoreError {
    /// For people: the text without its case.
    public var explanation: String {
        switch self {
        case .conflict(let text), .duplicate(let text), .unknown(let text), .unavailable(let text),
            .unreadable(let text):
            text
        case .unusable(let text, let hint): "\(text) (\(hint))"
        case .closed: "the store is closed"
        }
    }
}
