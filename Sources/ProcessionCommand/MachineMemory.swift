import Foundation
import Glibc
import Procession

/// How much memory there is for this process.
enum MachineMemory {
    /// Of the machine, or less where a control group says so.
    static var bytes: Int {
        let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        return ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"].reduce(machine) {
            least, path in
            let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
            // `max` is no number: no limit.
            let limit = text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
            return limit.map { min(least, $0) } ?? least
        }
    }

    /// What a service takes that was told nothing: 1 GiB, or half of what there is.
    static var plan: MemoryPlan { MemoryPlan(total: min(MemoryPlan.usual, bytes / 2)) }
}

extension Settings {
    /// A number of bytes, as `800M` or `2G`; also `MiB` and `GiB`.
    func bytes(
        _ option: String, _ value: String?, atLeast least: Int
    ) throws(StartError) -> Int? {
        guard let given = try given(option, value) else { return nil }
        let digits = given.text.prefix { $0.isASCII && $0.isNumber }
        let factor: Int? =
            switch given.text.dropFirst(digits.count) {
            case "M", "MiB": 1 << 20
            case "G", "GiB": 1 << 30
            default: nil
            }
        guard let factor, digits.utf8.count <= 6, let number = Int(digits), number * factor >= least else {
            throw StartError(
                "\(given.name) has to be at least \(least >> 20)M, as 800M or 2G, not '\(given.text)'")
        }
        return number * factor
    }
}
