import Chrono

/// The rules of one time zone, read from a TZif file (RFC 9636, before it RFC 8536): what the offset was and is, and,
/// by a rule, what it will be.
public struct TimeZoneRules: Sendable {
    /// When a new offset came into force, in ascending order.
    let transitions: [Int64]
    /// Seconds east of UTC; one for each transition.
    let offsets: [Int32]
    /// In force before the first transition.
    let first: Int32
    /// For every time after the last transition; nil where the last offset simply stays.
    let rule: TimeZoneRule?

    init(transitions: [Int64], offsets: [Int32], first: Int32, rule: TimeZoneRule?) {
        self.transitions = transitions
        self.offsets = offsets
        self.first = first
        self.rule = rule
    }

    /// Seconds east of UTC at a time since 1970-01-01T00:00:00Z.
    public func offset(at seconds: Int64) -> Int {
        guard let last = transitions.last else { return rule?.offset(at: seconds) ?? Int(first) }
        if seconds > last, let rule { return rule.offset(at: seconds) }
        // The number of transitions up to this time.
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= seconds {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return Int(low == 0 ? first : offsets[low - 1])
    }

    /// Names that can be looked up as files of a time-zone database: `Europe/Berlin`, `Etc/GMT+1`, `UTC`.
    ///
    /// Nothing that leads out of the database, and nothing that stands for a file in two ways.
    public static func isName(_ name: String) -> Bool {
        guard name.utf8.count <= 64 else { return false }
        return name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { part in
            guard let head = part.first, head != UInt8(ascii: "-") else { return false }
            return part.allSatisfy { byte in
                Lexer.isNameStart(byte) || Lexer.isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
            }
        }
    }
}
