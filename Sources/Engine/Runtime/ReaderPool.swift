import Glibc
import ProcessManagement

/// Threads that answer queries, each with a reader of its own, so that no query waits for a commit or holds one up.
public final class ReaderPool: Sendable {
    public typealias Query = @Sendable (any ProcessReader) -> Void

    private let mailboxes: [Mailbox<Query>]
    private let threads: [OSThread]

    /// Takes readers over; there is one thread for each. `limit`: how many queries may wait for each of them.
    public init(readers: sending [any ProcessReader], limit: Int = 1_000) {
        mailboxes = readers.map { _ in Mailbox(limit: limit) }
        threads = zip(readers, mailboxes).map { reader, mailbox in
            let owned = Owned(reader: reader)
            return OSThread(name: "reader") {
                var queries: [Query] = []
                while mailbox.takeAll(into: &queries, until: nil) {
                    for query in queries { query(owned.reader) }
                    queries.removeAll(keepingCapacity: true)
                }
            }
        }
    }

    /// Runs a query on the thread with the shortest queue. False when all queues are full or the pool is stopped.
    public func submit(_ query: @escaping Query) -> Bool {
        let shortest = mailboxes.min { $0.count < $1.count }
        if case .accepted = shortest?.put(query) { return true }
        return false
    }

    /// Answers what is waiting and ends the threads.
    public func stop() {
        for mailbox in mailboxes { mailbox.close() }
        for thread in threads { thread.join() }
    }

    private struct Owned: @unchecked Sendable {
        // @unchecked: each reader is handed to one thread and used by it alone.
        let reader: any ProcessReader
    }
}
