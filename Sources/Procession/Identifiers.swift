import Access
import Chrono
import Engine
import EventSourcing
import Glibc

/// Randomness and time, for ids that nothing determines.
enum Identifiers {
    /// A version 7 UUID (RFC 9562 section 5.7): its first 48 bits are the time, which keeps the store's index pages warm.
    static func makeID() -> String { makeUniqueID().description }

    static func makeUniqueID() -> UniqueID {
        var random = SystemRandomNumberGenerator()
        let time = UInt64(bitPattern: SystemClock.wallMilliseconds())
        let high = time << 16 | 0x7000 | random.next() & 0x0FFF
        let low = random.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return UniqueID(high: high, low: low)
    }

    /// 256 bits for a store's secret.
    static func makeSecret() -> [UInt8] { random(32) }

    /// From the system's generator, which is fit for secrets.
    static func random(_ count: Int) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    static let gateMeans = Gatekeeper.Means(
        now: { Instant(milliseconds: SystemClock.wallMilliseconds()) },
        monotonicMilliseconds: { SystemClock.monotonicMicroseconds() / 1000 }, random: random, makeID: makeUniqueID)
}
