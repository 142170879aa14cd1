import Glibc

/// A mutex with its condition, usable from the moment it exists until the last reference is gone: whoever holds one may
/// fail in the middle of its own initialisation.
final class Monitor: @unchecked Sendable {  // both are made for many threads
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // A wall clock that is set must not change how long a wait is.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    func guarded<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Within `guarded`.
    func wait() { pthread_cond_wait(changed, mutex) }

    /// Within `guarded`; false when the time is over. `deadline`: monotonic, in microseconds.
    func wait(until deadline: Int64) -> Bool {
        var time = timespec(tv_sec: Int(deadline / 1_000_000), tv_nsec: Int(deadline % 1_000_000) * 1000)
        return pthread_cond_timedwait(changed, mutex, &time) != ETIMEDOUT
    }

    func wakeAll() { pthread_cond_broadcast(changed) }
}
