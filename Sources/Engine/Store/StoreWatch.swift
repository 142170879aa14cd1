import Chrono

/// What is known of the file beneath a store.
public struct StoreCondition: Sendable, Equatable {
    /// Why nothing is committed at present, for people.
    public var failure: String?
    /// The failure does not pass while the service runs.
    public var isFinal = false
    /// Size of the write-ahead log.
    public var logBytes: Int64 = 0
    public var checkpointFailures = 0
    /// When the last checkpoint ended well, or the store was opened.
    public var lastCheckpoint: Instant

    public init(lastCheckpoint: Instant) {
        self.lastCheckpoint = lastCheckpoint
    }
}

/// Looks after the file of a store, whether anything is written or not. For any thread.
public protocol StoreWatch: Sendable {
    var condition: StoreCondition { get }
    /// `body` is called when a failure comes, changes or ends; on the thread that looks, which it must not block.
    func onChange(_ body: @escaping @Sendable (StoreCondition) -> Void)
}

extension ProcessStore {
    /// Nothing has to be looked after.
    public var watch: (any StoreWatch)? { nil }
}
