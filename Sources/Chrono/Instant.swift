/// A point in time in whole milliseconds, as facts, leases and timers record it.
public struct Instant: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    public var milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Reads strict RFC 3339 with any number of fraction digits; those beyond milliseconds are dropped.
    public init?(rfc3339 text: String) {
        guard let time = RFC3339.parse(text) else { return nil }
        milliseconds = time.seconds * 1000 + Int64(time.nanoseconds / 1_000_000)
    }

    /// UTC with three fraction digits and `Z`: `2026-11-23T09:00:00.000Z`.
    public var rfc3339: String {
        let seconds = Int64(CivilDate.floorDivide(Int(milliseconds), 1000))
        // The product may lie just below the least integer; the difference is right all the same.
        let rest = Int32(milliseconds &- seconds &* 1000)
        return RFC3339.format(.init(seconds: seconds, nanoseconds: rest * 1_000_000), fractionDigits: 3)
    }

    /// 9999-12-31T23:59:59.999Z, the end of time: RFC 3339 can write nothing later (section 1).
    public static let distantFuture = Instant(milliseconds: 253_402_300_799_999)

    public static func < (left: Instant, right: Instant) -> Bool { left.milliseconds < right.milliseconds }

    /// Stops at the end of time: a wait of any length is a wait, and whatever is due can be told.
    public static func + (left: Instant, right: TimeSpan) -> Instant {
        min(distantFuture, Instant(milliseconds: TimeSpan.add(left.milliseconds, right.milliseconds)))
    }

    /// Stops at the ends of time instead of trapping.
    public static func - (left: Instant, right: TimeSpan) -> Instant {
        Instant(milliseconds: TimeSpan.subtract(left.milliseconds, right.milliseconds))
    }

    /// How long after `right` this is; negative if before.
    public static func - (left: Instant, right: Instant) -> TimeSpan {
        TimeSpan(milliseconds: TimeSpan.subtract(left.milliseconds, right.milliseconds))
    }
}
