import Glibc
import ProcessManagement
import Synchronization

/// Threads that answer queries, each with a reader of its own, so that no query waits for a commit or holds one up.
public final class ReaderPool: Sendable {
    public typealias Query = @Sendable (any ProcessReader) -> Void

    private let seats: [Seat]

    /// Takes readers over; there is one thread for each. `limit`: how many queries may wait for each of them.
    public init(readers: sending [any ProcessReader], limit: Int = 1_000) {
        seats = readers.map { Seat(Owned(reader: $0), limit: limit) }
    }

    /// Runs a query on the thread that has the least to do. False when that thread's queue is full or the pool is
    /// stopped. `beyondLimit` is for callers that bound the number of their queries themselves.
    public func submit(beyondLimit: Bool = false, _ query: @escaping Query) -> Bool {
        seats.min { $0.load < $1.load }?.submit(query, beyondLimit: beyondLimit) ?? false
    }

    /// Answers what is waiting and ends the threads.
    public func stop() {
        for seat in seats { seat.mailbox.close() }
        for seat in seats { seat.thread.join() }
    }

    /// A thread and its queue.
    private final class Seat: Sendable {
        let mailbox: Mailbox<Query>
        let thread: OSThread
        private let pending: Pending

        init(_ owned: Owned, limit: Int) {
            let (mailbox, pending) = (Mailbox<Query>(limit: limit), Pending())
            self.mailbox = mailbox
            self.pending = pending
            thread = OSThread(name: "reader") {
                var queries: [Query] = []
                while mailbox.takeAll(into: &queries, until: nil) {
                    for query in queries {
                        query(owned.reader)
                        pending.count.subtract(1, ordering: .relaxed)
                    }
                    queries.removeAll(keepingCapacity: true)
                }
            }
        }

        /// Queries that wait, and the one that runs.
        var load: Int { pending.count.load(ordering: .relaxed) }

        func submit(_ query: @escaping Query, beyondLimit: Bool) -> Bool {
            pending.count.add(1, ordering: .relaxed)
            if case .accepted = mailbox.put(query, beyondLimit: beyondLimit) { return true }
            pending.count.subtract(1, ordering: .relaxed)
            return false
        }
    }

    private final class Pending: Sendable {
        let count = Atomic(0)
    }

    private struct Owned: @unchecked Sendable {  // each reader is handed to one thread and used by it alone
        let reader: any ProcessReader
    }
}
