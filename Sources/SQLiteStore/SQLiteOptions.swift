import Chrono

/// How a store uses its file.
public struct SQLiteOptions: Sendable, Hashable {
    /// Memory for pages of the file, per writing connection.
    public var cacheKiB: Int
    /// How long a statement waits for a lock that another connection holds, before it is `.unavailable`.
    public var busyTimeout: TimeSpan
    /// From how many pages in the WAL on the checkpoint thread copies them to the database; at least 1.
    public var checkpointPages: Int
    /// From how many on the writer does it itself, so that the WAL does not grow without bound.
    public var backstopPages: Int
    /// With more than so many bytes in the WAL that cannot be copied yet, transactions are refused.
    public var logLimit: Int64 = 1 << 30
    /// How often the files are looked at.
    var lookEvery = TimeSpan.seconds(1)

    public init(
        cacheKiB: Int = 65_536, busyTimeout: TimeSpan = .seconds(5), checkpointPages: Int = 1000,
        backstopPages: Int = 10_000
    ) {
        self.cacheKiB = cacheKiB
        self.busyTimeout = busyTimeout
        self.checkpointPages = checkpointPages
        self.backstopPages = backstopPages
    }

    var busyTimeoutMilliseconds: Int32 { Int32(clamping: busyTimeout.milliseconds) }
}
