/// Why a store did not do what was asked. Nothing was written.
public enum EventStoreError: Error, Sendable, Equatable {
    /// The stream is not at the version that the writer expected. `actual` is 0 for a stream without events.
    case conflict(stream: StreamID, expected: ExpectedVersion, actual: Int64)
    /// An append of no events.
    case nothingToAppend
    /// A version below 1 as a bound of a range, or a negative expected version.
    case invalidVersion(Int64)
    /// The stream holds an event of this source and id already, and the append is no repeat of what was written then.
    case eventIDInUse(EventID)
    /// The stream belongs to the process engine, which alone appends to it.
    case streamIsManaged(StreamID)
    case nameAndIDDisagree(name: String, received: UniqueID, expected: UniqueID)
    /// A recorded event could not be read as the type that was asked for.
    case unreadable(type: String, message: String)
    /// The store cannot work at all: closed, full, damaged. `message` says which.
    case unavailable(message: String)
}
