import Chrono
import Glibc
import Synchronization

/// Counts invalid credentials by where they come from: `limit` at once, then one every six seconds.
///
/// The table is bounded; with it full, the address that failed least recently is forgotten. Of an IPv6 address the
/// first 64 bits count, which is what one site has.
final class FailureLimiter: Sendable {
    private struct Budget {
        /// Grows with time, and each failure costs some of it; in milliseconds.
        var left: Int64
        /// Monotonic milliseconds.
        var at: Int64
    }

    private static let cost: Int64 = 6_000
    /// Of a budget; nil where nobody ever has to wait.
    private let most: Int64?
    private let capacity: Int
    private let budgets = Mutex<[String: Budget]>([:])

    /// `limit`: 0 for any number.
    init(limit: Int = Gatekeeper.usualFailureLimit, capacity: Int = 4_096) {
        most = limit == 0 ? nil : Int64(limit) * Self.cost
        self.capacity = capacity
    }

    /// Takes one failure into account.
    ///
    /// - Returns: how long the address has to wait, if there were too many.
    func fail(from address: String, at now: Int64) -> TimeSpan? {
        guard let most else { return nil }
        let site = Self.site(of: address)
        return budgets.withLock { budgets in
            var budget = Self.current(budgets[site], most: most, at: now)
            let wait = Self.wait(budget)
            if wait == nil { budget.left -= Self.cost }
            if budgets[site] == nil, budgets.count >= capacity {
                if let oldest = budgets.min(by: { $0.value.at < $1.value.at })?.key { budgets[oldest] = nil }
            }
            budgets[site] = budget
            return wait
        }
    }

    /// How long the address has to wait; nil if it need not.
    func wait(of address: String, at now: Int64) -> TimeSpan? {
        guard let most else { return nil }
        return budgets.withLock { budgets in
            guard !budgets.isEmpty, let known = budgets[Self.site(of: address)] else { return nil }
            return Self.wait(Self.current(known, most: most, at: now))
        }
    }

    var count: Int { budgets.withLock { $0.count } }

    private static func current(_ budget: Budget?, most: Int64, at now: Int64) -> Budget {
        guard let budget else { return Budget(left: most, at: now) }
        return Budget(left: min(most, budget.left + max(0, now - budget.at)), at: now)
    }

    private static func wait(_ budget: Budget) -> TimeSpan? {
        budget.left < cost ? .milliseconds(cost - budget.left) : nil
    }

    private static func site(of address: String) -> String {
        var bytes = in6_addr()
        guard inet_pton(AF_INET6, address, &bytes) == 1 else { return address }
        return withUnsafeBytes(of: &bytes) { bytes in
            // ::ffff:0:0/96 holds IPv4 addresses: there the site is the whole of it.
            let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
            return bytes.prefix(isMapped ? 16 : 8).map { String($0, radix: 16) }.joined(separator: ".")
        }
    }
}
