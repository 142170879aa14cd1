import Engine
import Glibc

/// A copy that is being made, and the mark of that: a locked file beside it. The lock ends with the process, however it
/// ends, so that a copy whose mark is not locked was abandoned.
struct Partial {
    private static let ending = ".partial"
    private static let lockEnding = ".lock"
    /// Stands in every mark, so that nobody else's file is taken for one.
    private static let mark = "A copy of a Procession store is being made; if this is not locked, it was given up.\n"

    /// The name of the copy until it is complete.
    let path: String
    private let descriptor: Int32

    /// Also removes what was abandoned in the folder of the destination.
    init(besides destination: String) throws(StoreError) {
        Self.removeAbandoned(in: Self.folder(of: destination))
        // Unique, so that copies made at the same time do not meet.
        path = "\(destination).\(String(UInt64.random(in: .min ... .max), radix: 16))\(Self.ending)"
        let lock = path + Self.lockEnding
        descriptor = open(lock, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unavailable("cannot write \(lock): \(String(cString: strerror(errno)))") }
        // Marked when it is locked, not before: others leave a file alone that has no mark.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0,
            pwrite(descriptor, Self.mark, Self.mark.utf8.count, 0) == Self.mark.utf8.count
        else {
            let reason = String(cString: strerror(errno))
            release()
            throw .unavailable("cannot lock \(lock): \(reason)")
        }
    }

    /// The copy has another name now, or is to go.
    func release() {
        Self.removeDatabase(path)
        unlink(path + Self.lockEnding)
        close(descriptor)
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func removeAbandoned(in folder: String) {
        guard let listing = opendir(folder) else { return }
        defer { closedir(listing) }
        var locks: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(ending + lockEnding) { locks.append("\(folder)/\(name)") }
        }
        for lock in locks where isAbandoned(lock) {
            removeDatabase(String(lock.dropLast(lockEnding.count)))
            // Last, so that a removal that is cut short is done again.
            unlink(lock)
        }
    }

    private static func isAbandoned(_ lock: String) -> Bool {
        let descriptor = open(lock, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return false }
        var bytes = [UInt8](repeating: 0, count: mark.utf8.count + 1)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return count == mark.utf8.count && bytes.prefix(count).elementsEqual(mark.utf8)
    }

    private static func removeDatabase(_ path: String) {
        for suffix in ["-journal", "-wal", "-shm", ""] { unlink(path + suffix) }
    }
}
