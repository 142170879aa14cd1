import EventSourcing

/// Why a store could not do what the engine asked. Nothing of the transaction is kept.
public enum StoreError: Error, Sendable, Equatable {
    /// Somebody else wrote to the stream, or holds a row that must be unique: load and decide again.
    case conflict(String)
    /// The row is there already.
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
