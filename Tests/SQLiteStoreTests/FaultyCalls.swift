import CSQLite
import Foundation
import Glibc
import Synchronization

/// Stands before the system calls of SQLite's files and lets some of them fail, on the files of one test
/// (https://sqlite.org/c3ref/vfs.html: xSetSystemCall).
final class FaultyCalls: Sendable {
    static let shared = FaultyCalls()

    private struct Plan {
        var path: String?
        var onlyWrites = false
        /// Calls until the one that fails; 0: all of them fail.
        var rest = 0
        var hasFailed = false
    }

    private let plan = Mutex(Plan())

    private init() {
        guard let vfs = sqlite3_vfs_find(nil), let set = vfs.pointee.xSetSystemCall else { return }
        let read: @convention(c) (Int32, UnsafeMutableRawPointer?, Int, off_t) -> Int = {
            FaultyCalls.shared.fails($0, isWrite: false) ? -1 : Glibc.pread($0, $1, $2, $3)
        }
        let write: @convention(c) (Int32, UnsafeRawPointer?, Int, off_t) -> Int = {
            FaultyCalls.shared.fails($0, isWrite: true) ? -1 : Glibc.pwrite($0, $1, $2, $3)
        }
        let status: @convention(c) (Int32, UnsafeMutablePointer<stat>) -> Int32 = {
            FaultyCalls.shared.fails($0, isWrite: false) ? -1 : Glibc.fstat($0, $1)
        }
        for name in ["pread", "pread64"] { _ = set(vfs, name, unsafeBitCast(read, to: sqlite3_syscall_ptr.self)) }
        for name in ["pwrite", "pwrite64"] { _ = set(vfs, name, unsafeBitCast(write, to: sqlite3_syscall_ptr.self)) }
        _ = set(vfs, "fstat", unsafeBitCast(status, to: sqlite3_syscall_ptr.self))
    }

    /// Every write to the file fails, to its WAL none does.
    func failWrites(to path: String) { plan.withLock { $0 = Plan(path: path, onlyWrites: true) } }

    /// The n-th call on the file or one beside it fails.
    func failCall(_ number: Int, of path: String) { plan.withLock { $0 = Plan(path: path, rest: number) } }

    func heal() { plan.withLock { $0 = Plan() } }

    var hasFailed: Bool { plan.withLock { $0.hasFailed } }

    private func fails(_ descriptor: Int32, isWrite: Bool) -> Bool {
        plan.withLock { plan in
            guard let path = plan.path, isWrite || !plan.onlyWrites,
                let name = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)"),
                plan.onlyWrites ? name == path : name.hasPrefix(path)
            else { return false }
            if plan.rest > 0 {
                plan.rest -= 1
                guard plan.rest == 0 else { return false }
                // Only this one.
                plan.path = nil
            }
            plan.hasFailed = true
            errno = EIO
            return true
        }
    }
}
