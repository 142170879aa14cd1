import API
import Engine
import HTTPServer
import SQLiteStore
import Webhooks

/// What a service may hold in memory, and how that is shared out: docs/operations.md has the same table.
///
/// A fixed part is for the program itself, for the pages that readers and the engine work on, and for the small things
/// that are bounded by their number. The rest is shared.
public struct MemoryPlan: Sendable, Equatable {
    public static let mebibyte = 1_048_576
    /// The least that a service can be told.
    public static let least = 256 * mebibyte
    public static let usual = 1_024 * mebibyte
    /// For the program and whatever is bounded by its number.
    static let fixed = 128 * mebibyte

    /// Of everything.
    public let total: Int
    private let shared: Int

    /// Less than `least` is taken as `least`.
    public init(total: Int = usual) {
        self.total = max(total, Self.least)
        shared = self.total - Self.fixed
    }

    /// Requests, from their first byte to their answer.
    var requests: Int { shared / 4 }
    /// Answers that nobody has read yet.
    var answers: Int { shared / 4 }
    /// States of processes.
    var states: Int { shared / 4 }
    /// Plans of tasks.
    var plans: Int { shared / 16 }
    /// Pages of the file, of the connection that writes.
    var pages: Int { min(64 * Self.mebibyte, shared / 16) }
    /// Requests to webhooks and their answers.
    var webhooks: Int { shared / 8 }

    var cacheBounds: CacheBounds { CacheBounds(stateBytes: states, planBytes: plans) }

    var sqlite: SQLiteOptions { SQLiteOptions(cacheKiB: pages / 1024) }

    func apply(to limits: HTTPLimits) -> HTTPLimits {
        var limits = limits
        limits.requestMemory = HTTPMemoryLimit(all: requests)
        limits.answerMemory = HTTPMemoryLimit(all: answers)
        return limits
    }
}
