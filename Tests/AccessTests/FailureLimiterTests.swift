import Chrono
import Testing

@testable import Access

@Suite("Failure limiter")
struct FailureLimiterTests {
    @Test("of an IPv6 address the first 64 bits count, of an IPv4 address all, also where it is written as IPv6")
    func sites() {
        let limiter = FailureLimiter()
        for number in 0..<10 { #expect(limiter.fail(from: "2001:db8:0:1::\(number)", at: 0) == nil) }
        #expect(limiter.wait(of: "2001:db8:0:1:ffff::", at: 0) != nil)
        #expect(limiter.wait(of: "2001:db8:0:2::1", at: 0) == nil)
        for number in 1...10 { #expect(limiter.fail(from: "::ffff:192.0.2.\(number)", at: 0) == nil) }
        #expect(limiter.wait(of: "::ffff:192.0.2.1", at: 0) == nil)
        #expect(limiter.count == 11)
    }

    @Test("the table is bounded: with it full, the address that failed least recently is forgotten")
    func bounded() {
        let limiter = FailureLimiter(capacity: 3)
        for _ in 0..<10 { _ = limiter.fail(from: "a", at: 0) }
        for (time, address) in [(1, "b"), (2, "c"), (3, "d"), (4, "e")] as [(Int64, String)] {
            _ = limiter.fail(from: address, at: time)
        }
        #expect(limiter.count == 3)
        #expect(limiter.wait(of: "a", at: 5) == nil)
    }

    @Test("as many failures as are set are free, and with 0 any number", arguments: [1, 3])
    func settableLimit(limit: Int) {
        let limiter = FailureLimiter(limit: limit)
        for _ in 0..<limit { #expect(limiter.fail(from: "a", at: 0) == nil) }
        #expect(limiter.fail(from: "a", at: 0) == .seconds(6))
        let unlimited = FailureLimiter(limit: 0)
        for _ in 0..<1_000 { #expect(unlimited.fail(from: "a", at: 0) == nil) }
        #expect(unlimited.wait(of: "a", at: 0) == nil)
        #expect(unlimited.count == 0)
    }

    @Test("a clock that jumps back gives nothing and takes nothing")
    func clockBack() {
        let limiter = FailureLimiter()
        for _ in 0..<10 { _ = limiter.fail(from: "a", at: 1_000_000) }
        #expect(limiter.wait(of: "a", at: 0) == .seconds(6))
    }
}
