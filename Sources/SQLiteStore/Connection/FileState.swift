import Engine
import Glibc

/// What the file system says of a file.
struct FileState: Equatable {
    var device: UInt64
    var inode: UInt64
    var links: UInt64
    var size: Int64
    /// Neither a folder nor a device.
    var isPlain: Bool

    /// Nil if there is none.
    static func of(_ path: String) throws(StoreError) -> FileState? {
        var found = stat()
        guard stat(path, &found) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .unavailable("cannot look at \(path): \(String(cString: strerror(errno)))")
        }
        return FileState(found)
    }

    init(_ found: stat) {
        device = UInt64(found.st_dev)
        inode = UInt64(found.st_ino)
        links = UInt64(found.st_nlink)
        size = Int64(found.st_size)
        isPlain = found.st_mode & S_IFMT == S_IFREG
    }

    func isSame(as other: FileState) -> Bool { device == other.device && inode == other.inode }

    /// Refuses what SQLite would begin anew, or what two services would share, before SQLite sees it. A database without
    /// its file is an empty one to SQLite, which deletes the WAL then.
    ///
    /// `known`: the file as it was when it was last seen in use, by its inode and size.
    static func check(_ path: String, known: (inode: UInt64, size: Int64)?) throws(StoreError) {
        let log = try of(path + "-wal")?.size ?? 0
        guard let file = try of(path) else {
            guard log == 0, known == nil else {
                throw .unusable(
                    "\(path) is not there, but \(path)\(log > 0 ? "-wal" : ".lock") is",
                    hint: "put the file back; to begin anew, move \(path)-wal and \(path).lock away")
            }
            return
        }
        guard file.isPlain else {
            throw .unusable("\(path) is no file but a folder or a device", hint: "check the path")
        }
        guard file.links == 1 else {
            throw .unusable(
                "\(path) has \(file.links) names (hard links), and each would have a WAL of its own",
                hint: "leave it one name")
        }
        let isCut = known.map { file.inode == $0.inode && file.size < $0.size } ?? false
        guard !isCut, file.size > 0 || (log == 0 && known == nil) else {
            throw .unusable(
                "\(path) has \(file.size) bytes and had more: it is damaged, cut from outside",
                hint: "restore a backup; if that is one, move \(path).lock away")
        }
    }
}
