import CSQLite
import Chrono
import Engine

/// Copies the WAL into the database on a thread of its own, so that no commit waits for it.
///
/// Told by the writer after commits; sleeps otherwise. It copies passively, that is beside readers and the writer, who
/// starts the WAL anew once all of it was copied. Under a writer that never pauses that moment may not come: then the
/// writer copies the rest itself when the WAL has reached the back-stop.
final class CheckpointThread: @unchecked Sendable {  // shared state is guarded by `monitor`, the rest is one thread's
    private let checkpointPages: Int
    private let backstopPages: Int
    /// Used by the thread only, once it runs.
    private let connection: Connection
    private let watch: FileWatch
    private let lookEvery: Int64

    /// Used by the writer's thread only: how long the WAL was when the thread was told last.
    private var toldAt = 0

    private let monitor = Monitor()
    private var requested = 0
    private var finished = 0
    private var isStopping = false
    private var thread: OSThread?

    init(path: String, options: SQLiteOptions, watch: FileWatch) throws(StoreError) {
        checkpointPages = max(1, options.checkpointPages)
        backstopPages = max(1, options.backstopPages)
        self.watch = watch
        lookEvery = options.lookEvery.milliseconds * 1000
        connection = try Connection(
            path: path, mode: .readOnly, busyTimeoutMilliseconds: options.busyTimeoutMilliseconds)
        connection.watch = watch
        // Syncs the WAL before it copies from it, and the database before the WAL may start anew.
        try connection.execute("PRAGMA synchronous = FULL")
        // Keeps this object until `stop`, which the store calls before it lets go.
        thread = OSThread(name: "checkpoint") { self.work() }
    }

    /// To be called on the writer's thread after a commit, with the length of the WAL.
    func writerCommitted(_ database: OpaquePointer?, pagesInLog pages: Int) {
        watch.noteLog(frames: pages)
        // Shorter than before: the WAL has started anew.
        if pages < toldAt { toldAt = 0 }
        guard pages - toldAt >= checkpointPages else { return }
        toldAt = pages
        if pages >= backstopPages {
            // Not at every commit: a long read may keep the WAL from starting anew for many of them.
            checkpoint(database)
        } else {
            monitor.guarded {
                requested += 1
                monitor.wakeAll()
            }
        }
    }

    /// Returns when the thread has ended. Calling it again does nothing.
    func stop() {
        guard let thread else { return }
        monitor.guarded {
            isStopping = true
            monitor.wakeAll()
        }
        thread.join()
        self.thread = nil
    }

    /// Waits until all that the writer asked for so far is done; returns how many checkpoints that were.
    func waitUntilDone() -> Int {
        monitor.guarded {
            let wanted = requested
            while finished < wanted, !isStopping { monitor.wait() }
            return finished
        }
    }

    private func work() {
        while let request = nextRequest() {
            if request > finished || watch.logIsLong { checkpoint(connection.handle) } else { watch.look() }
            monitor.guarded {
                finished = request
                monitor.wakeAll()
            }
        }
    }

    /// On the thread, and on the writer's at the back-stop.
    private func checkpoint(_ database: OpaquePointer?) {
        guard watch.mayCheckpoint() else { return }
        var (log, copied): (Int32, Int32) = (0, 0)
        let code = sqlite3_wal_checkpoint_v2(database, nil, SQLITE_CHECKPOINT_PASSIVE, &log, &copied)
        watch.checkpointed(
            code, explanation: StoreError(sqlite: code, database: database).explanation, log: log, copied: copied)
    }

    /// Sleeps until there is something to do or it is time to look at the files; nil when the thread is to end.
    private func nextRequest() -> Int? {
        monitor.guarded {
            let deadline = SystemClock.monotonicMicroseconds() + lookEvery
            while finished == requested, !isStopping {
                if !monitor.wait(until: deadline) { break }
            }
            return isStopping ? nil : requested
        }
    }
}
