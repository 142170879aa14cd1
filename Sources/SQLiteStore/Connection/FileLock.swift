import Engine
import Glibc

/// Keeps a second engine off the same file for as long as it lives.
///
/// A file of its own beside the database carries the lock: SQLite's own locks must stay free for readers, backups and
/// checkpoints, and closing any descriptor of the database itself would drop those of this process (`fcntl`).
final class FileLock {
    private let descriptor: Int32
    private let lockPath: String
    /// There was no lock file before.
    private let isMade: Bool

    /// - Throws: `.unusable` if another engine has the lock.
    init(forDatabase path: String) throws(StoreError) {
        let lockPath = Self.resolved(path) + ".lock"
        self.lockPath = lockPath
        var isMade: Bool
        while true {
            isMade = access(lockPath, F_OK) != 0
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
            // A start that failed may have removed the file between our opening and our locking it: a lock on that one
            // would keep nobody off.
            if Self.isFile(opened, at: lockPath) {
                descriptor = opened
                break
            }
            Glibc.close(opened)
        }
        self.isMade = isMade
    }

    /// Takes away what was made for a file that turned out not to be ours. Call it while the lock is held.
    func undo() {
        if isMade { unlink(lockPath) }
    }

    private static func isFile(_ descriptor: Int32, at path: String) -> Bool {
        var opened = stat()
        var named = stat()
        return fstat(descriptor, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino
            && opened.st_dev == named.st_dev
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
