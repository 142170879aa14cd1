import CEL
import Glibc
import Synchronization

/// The time zones of this machine: the TZif files of its database.
///
/// A zone is read when it is first asked for, and kept: within one run the same question has the same answer, whatever
/// happens to the files. Safe to use from any thread.
public final class SystemTimeZones: CELTimeZones {
    /// Where distributions keep the database.
    public static let standardFolder = "/usr/share/zoneinfo"
    /// No zone needs more; the largest have 4 KiB.
    private static let maximumBytes = 64 << 10

    public let folder: String
    /// Only zones that are there, so that it grows no larger than the database.
    private let known = Mutex<[String: TimeZoneRules]>([:])

    /// Without a folder, the one that the environment variable `TZDIR` names, or else the standard one.
    public init(folder: String? = nil) {
        let named = getenv("TZDIR").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        self.folder = folder ?? named ?? Self.standardFolder
    }

    public func offset(ofZone name: String, at seconds: Int64) -> Int? {
        rules(of: name)?.offset(at: seconds)
    }

    private func rules(of name: String) -> TimeZoneRules? {
        if let rules = known.withLock({ $0[name] }) { return rules }
        guard TimeZoneRules.isName(name), let bytes = Self.read("\(folder)/\(name)"),
            let rules = TimeZoneRules(tzif: bytes)
        else { return nil }
        // Whoever comes first wins, should the file have changed in between.
        return known.withLock { known in
            let first = known[name] ?? rules
            known[name] = first
            return first
        }
    }

    /// Nil for what is not there, is no plain file, or is too large.
    private static func read(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= maximumBytes else {
            return nil
        }
        let size = Int(status.st_size)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = 0
            while count < size {
                let taken = Glibc.read(file, buffer.baseAddress.map { $0 + count }, size - count)
                if taken < 0 && errno == EINTR { continue }
                guard taken > 0 else { break }
                count += taken
            }
        }
    }
}
