import Testing

@testable import Webhooks

@Suite("Endpoint pace")
struct EndpointPaceTests {
    private static let second: Int64 = 1_000_000

    private func begins(_ pace: inout EndpointPace, at now: Int64) -> Bool { pace.begin(at: now) }

    private static func failed(_ code: FailureCode) -> AttemptResult { .failure(.init(code: code)) }

    @Test("no more at once than allowed, and the next when one has ended")
    func inFlight() {
        var pace = EndpointPace(maxInFlight: 2, ratePerSecond: nil)
        #expect(begins(&pace, at: 0))
        #expect(begins(&pace, at: 0))
        #expect(!begins(&pace, at: 0))
        #expect(pace.nextStart(at: 0) == nil)
        pace.end(.success, at: 5)
        #expect(pace.nextStart(at: 5) == 5)
        #expect(begins(&pace, at: 5))
    }

    @Test("a rate is kept over any time, and used up when there is enough to do", arguments: [1, 3, 7, 10, 100, 2500])
    func rate(perSecond: Int) {
        var pace = EndpointPace(maxInFlight: 1_000_000, ratePerSecond: perSecond)
        var now: Int64 = 17
        var starts: [Int64] = []
        while now < 20 * Self.second {
            if pace.begin(at: now) {
                starts.append(now)
            } else if let next = pace.nextStart(at: now) {
                #expect(next > now)
                now = next
            }
        }
        let burst = max(1, perSecond / 10)
        // The one that begins at the end of a window may belong to the next.
        #expect(starts.count <= 20 * perSecond + burst + 1)
        #expect(starts.count >= 20 * perSecond - 1)
        let most = perSecond + burst
        let tooSoon = starts.indices.dropLast(most).filter { starts[$0 + most] - starts[$0] < Self.second }
        #expect(tooSoon == [])
    }

    @Test("the start that is foretold succeeds, and not a moment before it")
    func foretold() throws {
        var pace = EndpointPace(maxInFlight: 10, ratePerSecond: 3)
        #expect(begins(&pace, at: 1000))
        let next = try #require(pace.nextStart(at: 1000))
        #expect(next == 1000 + 333_334)
        var early = pace
        #expect(!begins(&early, at: next - 1))
        #expect(begins(&pace, at: next))
    }

    @Test("signs of overload halve what is sent at once, each success gives one back")
    func halving() {
        var pace = EndpointPace(maxInFlight: 8, ratePerSecond: nil)
        for _ in 0..<3 { #expect(begins(&pace, at: 0)) }
        pace.end(Self.failed(.transport(.timeout)), at: 0)
        #expect(pace.limit == 4)
        pace.end(Self.failed(.transport(.timeout)), at: 0)
        #expect(pace.limit == 2)
        pace.end(.success, at: 0)
        #expect(pace.limit == 3)
        for _ in 0..<20 {
            #expect(begins(&pace, at: 0))
            pace.end(.success, at: 0)
        }
        #expect(pace.limit == 8)
    }

    @Test("it never comes to a stop by halving")
    func atLeastOne() {
        var pace = EndpointPace(maxInFlight: 4, ratePerSecond: nil)
        for _ in 0..<10 {
            #expect(begins(&pace, at: 0))
            pace.end(Self.failed(.transport(.timeout)), at: 0)
        }
        #expect(pace.limit == 1)
        #expect(begins(&pace, at: 0))
    }

    @Test("a rest that was asked for with another status is kept, and slows nothing down afterwards")
    func restOfUnavailable() {
        var pace = EndpointPace(maxInFlight: 4, ratePerSecond: nil)
        _ = pace.begin(at: 0)
        pace.end(Self.failed(.status(503)), at: 0, rest: 90 * Self.second)
        #expect(pace.nextStart(at: 0) == 90 * Self.second)
        #expect(pace.limit == 4)
    }

    @Test("429 gives the rest that was asked for, or a minute")
    func rest() {
        var pace = EndpointPace(maxInFlight: 4, ratePerSecond: nil)
        #expect(begins(&pace, at: 0))
        pace.end(Self.failed(.status(429)), at: 0, rest: 90 * Self.second)
        #expect(!begins(&pace, at: 89 * Self.second))
        #expect(pace.nextStart(at: 5) == 90 * Self.second)
        #expect(begins(&pace, at: 90 * Self.second))
        pace.end(Self.failed(.status(429)), at: 100 * Self.second)
        #expect(pace.nextStart(at: 100 * Self.second) == 160 * Self.second)
    }

    @Test("502 and 504 give a rest that doubles up to a minute, until a success", arguments: [502, 504])
    func doubling(status: Int) {
        var pace = EndpointPace(maxInFlight: 4, ratePerSecond: nil)
        var now: Int64 = 0
        for rest: Int64 in [1, 2, 4, 8, 16, 32, 60, 60] {
            #expect(begins(&pace, at: now))
            pace.end(Self.failed(.status(status)), at: now)
            #expect(pace.nextStart(at: now) == now + rest * Self.second)
            now += rest * Self.second
        }
        #expect(begins(&pace, at: now))
        pace.end(.success, at: now)
        #expect(begins(&pace, at: now))
        pace.end(Self.failed(.status(status)), at: now)
        #expect(pace.nextStart(at: now) == now + Self.second)
    }

    @Test("other failures change nothing", arguments: [FailureCode.status(500), .transport(.connect), .badResponse])
    func others(code: FailureCode) {
        var pace = EndpointPace(maxInFlight: 4, ratePerSecond: nil)
        #expect(begins(&pace, at: 0))
        pace.end(Self.failed(code), at: 0)
        #expect(pace.limit == 4)
        #expect(begins(&pace, at: 0))
    }

    @Test("new settings hold at once and keep what is under way")
    func change() {
        var pace = EndpointPace(maxInFlight: 4, ratePerSecond: nil)
        for _ in 0..<4 { #expect(begins(&pace, at: 0)) }
        pace.change(maxInFlight: 2, ratePerSecond: 1)
        #expect(pace.free == 0)
        for _ in 0..<3 { pace.end(.success, at: 0) }
        #expect(begins(&pace, at: 0))
        #expect(!begins(&pace, at: 0))
        pace.change(maxInFlight: 9, ratePerSecond: nil)
        #expect(pace.free == 7)
    }
}
