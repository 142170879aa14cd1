import Engine
import Glibc
import Synchronization

/// Keeps a second engine off the same file for as long as it lives.
///
/// A file of its own beside the database carries the lock: SQLite's own locks must stay free for readers, backups and
/// checkpoints, and closing any descriptor of the database itself would drop those of this process (`fcntl`).
final class FileLock: Sendable {
    private let descriptor: Int32
    private let lockPath: String
    private let isReleased = Atomic(false)
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

    /// What `remember` wrote last, maybe another service; nil if nothing.
    var known: (inode: UInt64, size: Int64)? {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        let words = String(decoding: bytes[..<count], as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count >= 2, let inode = UInt64(words[0]), let size = Int64(words[1]) else { return nil }
        return (inode, size)
    }

    /// Keeps which file it is and how long, for the next start. Nothing fails for it: it only helps to see a loss.
    func remember(_ file: FileState) {
        let line = "\(file.inode) \(file.size)\n"
        _ = pwrite(descriptor, line, line.utf8.count, 0)
    }

    /// The lock still has its name: otherwise a second service would get one of its own.
    var isInPlace: Bool {
        var own = stat()
        var named = stat()
        guard fstat(descriptor, &own) == 0, stat(lockPath, &named) == 0 else { return false }
        return FileState(own).isSame(as: FileState(named))
    }

    deinit { release() }

    /// Lets others in; once.
    func release() {
        guard !isReleased.exchange(true, ordering: .acquiringAndReleasing) else { return }
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
