import Glibc

/// A bounded queue into one thread: many put, one takes everything that is there at once.
public final class Mailbox<Item: Sendable>: @unchecked Sendable {  // all that changes is guarded by `lock`
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let filled: UnsafeMutablePointer<pthread_cond_t>
    private var items: [Item] = []
    private var isClosed = false
    private let limit: Int

    public init(limit: Int) {
        self.limit = limit
        lock = .allocate(capacity: 1)
        filled = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // A wall clock that is set back must not put the thread to sleep.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(filled, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(filled)
        pthread_mutex_destroy(lock)
        filled.deallocate()
        lock.deallocate()
    }

    public enum Acceptance: Sendable {
        case accepted
        case full
        case closed
    }

    public func put(_ item: Item, beyondLimit: Bool = false) -> Acceptance {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        if isClosed { return .closed }
        if items.count >= limit, !beyondLimit { return .full }
        items.append(item)
        if items.count == 1 { pthread_cond_signal(filled) }
        return .accepted
    }

    public var count: Int {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return items.count
    }

    /// Takes everything, in order, into an empty `taken`; waits for something, at most until the monotonic time
    /// `deadline` in microseconds.
    ///
    /// - Returns: false once the mailbox is closed and empty.
    public func takeAll(into taken: inout [Item], until deadline: Int64?) -> Bool {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while items.isEmpty, !isClosed {
            if let deadline {
                var time = timespec(tv_sec: Int(deadline / 1_000_000), tv_nsec: Int(deadline % 1_000_000) * 1000)
                if pthread_cond_timedwait(filled, lock, &time) == ETIMEDOUT { break }
            } else {
                pthread_cond_wait(filled, lock)
            }
        }
        if items.isEmpty, isClosed { return false }
        swap(&items, &taken)
        items.removeAll(keepingCapacity: true)
        return true
    }

    /// Nothing more is accepted; what is there can still be taken.
    public func close() {
        pthread_mutex_lock(lock)
        isClosed = true
        pthread_cond_broadcast(filled)
        pthread_mutex_unlock(lock)
    }
}
