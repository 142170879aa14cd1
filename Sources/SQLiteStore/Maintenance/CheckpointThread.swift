import CSQLite
import Engine
import Glibc

/// Copies the WAL into the database on a thread of its own, so that no commit waits for it.
///
/// Told by the writer after commits; sleeps otherwise. It copies passively, that is beside readers and the writer, who
/// starts the WAL anew once all of it was copied. Under a writer that never pauses that moment may not come: then the
/// writer copies the rest itself when the WAL has reached the back-stop.
final class CheckpointThread: @unchecked Sendable {  // shared state is guarded by `mutex`, the rest is one thread's
    private let checkpointPages: Int
    private let backstopPages: Int
    /// Used by the thread only, once it runs.
    private let connection: Connection

    /// Used by the writer's thread only: how long the WAL was when the thread was told last.
    private var toldAt = 0

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var requested = 0
    private var finished = 0
    private var isStopping = false
    private var thread: OSThread?

    init(path: String, options: SQLiteOptions) throws(StoreError) {
        checkpointPages = max(1, options.checkpointPages)
        backstopPages = max(1, options.backstopPages)
        connection = try Connection(
            path: path, mode: .readOnly, busyTimeoutMilliseconds: options.busyTimeoutMilliseconds)
        // Syncs the WAL before it copies from it, and the database before the WAL may start anew.
        try connection.execute("PRAGMA synchronous = FULL")
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
        // Keeps this object until `stop`, which the store calls before it lets go.
        thread = OSThread(name: "checkpoint") { self.work() }
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// To be called on the writer's thread after a commit, with the length of the WAL.
    func writerCommitted(_ database: OpaquePointer?, pagesInLog pages: Int) {
        // Shorter than before: the WAL has started anew.
        if pages < toldAt { toldAt = 0 }
        guard pages - toldAt >= checkpointPages else { return }
        toldAt = pages
        if pages >= backstopPages {
            // Not at every commit: a long read may keep the WAL from starting anew for many of them.
            sqlite3_wal_checkpoint_v2(database, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        } else {
            guarded {
                requested += 1
                pthread_cond_broadcast(changed)
            }
        }
    }

    /// Returns when the thread has ended. Calling it again does nothing.
    func stop() {
        guard let thread else { return }
        guarded {
            isStopping = true
            pthread_cond_broadcast(changed)
        }
        thread.join()
        self.thread = nil
    }

    /// Waits until all that the writer asked for so far is done; returns how many checkpoints that were.
    func waitUntilDone() -> Int {
        guarded {
            let wanted = requested
            while finished < wanted, !isStopping { pthread_cond_wait(changed, mutex) }
            return finished
        }
    }

    private func work() {
        while let request = nextRequest() {
            // A failure is no news: it comes back at the writer's next commit or checkpoint.
            sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
            guarded {
                finished = request
                pthread_cond_broadcast(changed)
            }
        }
    }

    /// Sleeps until there is something to do; nil when the thread is to end.
    private func nextRequest() -> Int? {
        guarded {
            while finished == requested, !isStopping { pthread_cond_wait(changed, mutex) }
            return isStopping ? nil : requested
        }
    }

    private func guarded<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
