import Engine
import Glibc

/// Keeps a second engine off the same file for as long as it lives.
///
/// A file of its own beside the database carries the lock: SQLite's own locks must stay free for readers, backups and
/// checkpoints, and closing any descriptor of the database itself would drop those of this process (`fcntl`).
final class FileLock {
    private let descriptor: Int32

    /// - Throws: `.unusable` if another engine has the lock.
    init(forDatabase path: String) throws(StoreError) {
        let lockPath = Self.resolved(path) + ".lock"
        let opened = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard opened >= 0 else {
            throw .unavailable("cannot open \(lockPath): \(String(cString: strerror(errno)))")
        }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            Glibc.close(opened)
            guard reason == EWOULDBLOCK else {
                throw .unavailable("cannot lock \(lockPath): \(String(cString: strerror(reason)))")
            }
            throw .unusable(
                "\(path) is in use by another server", hint: "stop the other one first, or use another file")
        }
        descriptor = opened
    }

    deinit {
        // Closing alone would leave the lock to a child process that is being spawned and has not closed its copies yet.
        flock(descriptor, LOCK_UN)
        Glibc.close(descriptor)
    }

    /// Two names of one file must meet in one lock.
    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }
}
