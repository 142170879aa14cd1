import CSQLite
import Chrono
import Engine
import Glibc
import Synchronization

/// Whether the file and its WAL are still what they were, and whether the disk can be trusted.
///
/// What is not as it was refuses every transaction until it is again. What failed on the way from the WAL to the database
/// is never tried again, as the kernel may have dropped the pages of a failed sync and call the next one good: the WAL
/// stays as it is, and the next start copies all of it.
final class FileWatch: StoreWatch {
    private struct State {
        var condition: StoreCondition
        var known: FileState
        /// Passes when the file is back.
        var fileFault: String?
        /// Never passes.
        var finalFault: String?
        /// Passes when the WAL was copied.
        var logFault: String?
        var onChange: (@Sendable (StoreCondition) -> Void)?
    }

    private let path: String
    private let lock: FileLock
    private let frameBytes: Int64
    private let logLimit: Int64
    private let state: Mutex<State>
    private let refusing = Atomic(false)
    /// Frames in the WAL as of the writer's last commit.
    private let frames = Atomic<Int64>(0)

    init(path: String, lock: FileLock, pageSize: Int64, logLimit: Int64) throws(StoreError) {
        guard let known = try FileState.of(path) else { throw .unavailable("\(path) is gone") }
        self.path = path
        self.lock = lock
        self.logLimit = logLimit
        frameBytes = pageSize + 24
        let now = Instant(milliseconds: SystemClock.wallMilliseconds())
        state = Mutex(State(condition: StoreCondition(lastCheckpoint: now), known: known))
        lock.remember(known)
    }

    var condition: StoreCondition { state.withLock { $0.condition } }

    func onChange(_ body: @escaping @Sendable (StoreCondition) -> Void) {
        state.withLock { $0.onChange = body }
    }

    /// Before each transaction: one load.
    func refuse() throws(StoreError) {
        guard refusing.load(ordering: .acquiring) else { return }
        throw .unavailable(condition.failure ?? "\(path) cannot be used")
    }

    /// The WAL must not be copied or removed any more: not even by the last connection that is closed.
    var keepsLog: Bool {
        refusing.load(ordering: .acquiring) && state.withLock { $0.fileFault ?? $0.finalFault } != nil
    }

    func noteLog(frames count: Int) { frames.store(Int64(count), ordering: .relaxed) }

    var logIsLong: Bool { logBytes(frames.load(ordering: .relaxed)) > logLimit }

    private func logBytes(_ frames: Int64) -> Int64 { frames == 0 ? 0 : 32 + frames * frameBytes }

    /// Looks at the files. True if the WAL may be copied.
    @discardableResult
    func look() -> Bool {
        change { state in
            state.fileFault = fault(of: &state)
            let log = try? FileState.of(path + "-wal")
            state.condition.logBytes = log?.size ?? 0
        }
        return state.withLock { $0.fileFault == nil && $0.finalFault == nil }
    }

    /// Also looks for a hole in the WAL: who cut it from outside left one, as it is written on where it ended.
    func mayCheckpoint() -> Bool {
        guard look() else { return false }
        let descriptor = open(path + "-wal", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        // SEEK_HOLE; where a file system knows no holes, it is the end.
        let hole = lseek(descriptor, 0, 4)
        guard hole >= 0, Int64(hole) < logBytes(frames.load(ordering: .relaxed)) else { return true }
        // The writer may have begun it anew meanwhile.
        SystemClock.sleep(seconds: 0.01)
        let again = lseek(descriptor, 0, 4)
        guard again >= 0, Int64(again) < logBytes(frames.load(ordering: .relaxed)) else { return true }
        change { $0.finalFault = "\(path)-wal was cut by somebody else" }
        return false
    }

    /// After a checkpoint: its result, the frames in the WAL and those that are in the database.
    func checkpointed(_ code: Int32, explanation: @autoclosure () -> String, log: Int32, copied: Int32) {
        switch code & 0xFF {
        case SQLITE_OK:
            change { state in
                let isWhole = log == copied
                state.logFault =
                    !isWhole && logBytes(Int64(log - copied)) > logLimit
                    ? "\(path)-wal is longer than \(logLimit) bytes: a backup or another reader holds it" : nil
                guard isWhole else { return }
                state.condition.lastCheckpoint = Instant(milliseconds: SystemClock.wallMilliseconds())
                // Synced, so that it will still be as long after a loss of power.
                guard let now = try? FileState.of(path), now.isSame(as: state.known) else { return }
                if now.size > state.known.size {
                    state.known.size = now.size
                    lock.remember(state.known)
                }
            }
        case SQLITE_BUSY, SQLITE_LOCKED: break
        default:
            let why = explanation()
            change { state in
                state.condition.checkpointFailures += 1
                state.finalFault = "a checkpoint failed, and nothing is written until the next start: \(why)"
            }
        }
    }

    private func fault(of state: inout State) -> String? {
        do throws(StoreError) {
            guard let now = try FileState.of(path) else { return "\(path) is not there any more" }
            guard now.isSame(as: state.known) else { return "\(path) is another file than the one in use" }
            guard now.links == 1 else { return "\(path) has \(now.links) names (hard links)" }
            guard now.size >= state.known.size else {
                state.finalFault = "\(path) was cut by somebody else"
                return state.finalFault
            }
            guard lock.isInPlace else { return "\(path).lock is not there any more: a second service could start" }
            return nil
        } catch {
            return error.explanation
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let (condition, told) = state.withLock { state in
            let before = (state.condition.failure, state.condition.isFinal)
            body(&state)
            state.condition.failure = state.finalFault ?? state.fileFault ?? state.logFault
            state.condition.isFinal = state.finalFault != nil
            refusing.store(state.condition.failure != nil, ordering: .releasing)
            let hasChanged = before != (state.condition.failure, state.condition.isFinal)
            return (state.condition, hasChanged ? state.onChange : nil)
        }
        told?(condition)
    }
}
