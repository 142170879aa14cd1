import Chrono
import EventSourcing
import JSON
import ProcessManagement

// On a test clock time stands still until it is advanced. It is kept in the store, so that a restart goes on from there.

extension ProcessEngine {
    /// The stored time of the test clock. A store that has none yet gets `start`, and keeps it.
    public func testClock(startingAt start: Instant) throws(StoreError) -> Instant {
        if let bytes = try store.setting(SettingName.clock),
            let milliseconds = Int64(String(decoding: bytes, as: UTF8.self))
        {
            return Instant(milliseconds: milliseconds)
        }
        try store.begin()
        do throws(StoreError) {
            try store.setSetting(SettingName.clock, Array(String(start.milliseconds).utf8))
            try store.commit()
        } catch {
            store.rollback()
            throw error
        }
        return start
    }

    /// What an advance did.
    public struct Advance: Sendable {
        public var now: Instant
        public var answer: EngineAnswer
        public var served: [ServedClaim]

        fileprivate func cut(_ reason: String) -> Advance {
            var advance = self
            advance.answer = .problem(
                Problem(.advanceTooLong, reason, members: ["now": .string(now.rfc3339)]))
            return advance
        }
    }

    /// More than this many things due within one advance are too many.
    private static let advanceLimit = 100_000

    /// Moves the time on. Everything due in between happens in order of its due time, each at its own time, before the
    /// answer; what comes into being on the way and is due in time happens too. Nothing else is done meanwhile, so there
    /// is an end to it: `advanceLimit`, and the real time of `advanceTime`.
    public func advanceClock(from now: Instant, by span: TimeSpan, wallClock: Instant, steady: Instant? = nil)
        -> Advance
    {
        self.wallClock = wallClock
        steadyClock = steady ?? wallClock
        let target = max(now, now + span)
        var advance = Advance(now: now, answer: .clock(target), served: [])
        var steps = 0
        let begun = stopwatch?() ?? 0
        do throws(EngineError) {
            while let due = try stored({ () throws(StoreError) in try nextDue() }), due <= target {
                let time = max(due, advance.now)
                steps += try runAlone(at: time, &advance.served)
                advance.now = time
                if steps > Self.advanceLimit {
                    return advance.cut("more than \(Self.advanceLimit) things are due within \(span.text)")
                }
                if let passed = stopwatch?(), passed - begun > advanceTime.milliseconds * 1_000 {
                    return advance.cut("to do what is due within \(span.text) takes longer than \(advanceTime.text)")
                }
            }
            try runAlone(at: target, &advance.served, savingClock: true)
            advance.now = target
        } catch {
            forget()
            cache.removeAll()
            advance.answer = .problem(Problem(.storeUnavailable, "the clock stopped at \(advance.now.rfc3339)"))
        }
        return advance
    }

    /// One transaction with what is due at one moment.
    @discardableResult
    private func runAlone(
        at now: Instant, _ served: inout [ServedClaim], savingClock: Bool = false
    ) throws(EngineError) -> Int {
        let store = store
        try stored { () throws(StoreError) in try store.begin() }
        let done = try savingClock ? 0 : runDue(at: now, limit: 256)
        served += try serveWaiting(at: now)
        try stored { () throws(StoreError) in
            try store.setSetting(SettingName.clock, Array(String(now.milliseconds).utf8))
            try store.commit()
        }
        committed()
        soonestDue = .unknown
        return done
    }
}
