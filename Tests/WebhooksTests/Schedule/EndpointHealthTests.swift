import Chrono
import Testing

@testable import Webhooks

@Suite("Endpoint health")
struct EndpointHealthTests {
    private static let start = Instant(milliseconds: 1_700_000_000_000)
    private static let failure = AttemptResult.failure(.init(code: .status(500)))

    @Test("five days of failures disable, one moment less does not")
    func fiveDays() {
        var health = EndpointHealth()
        #expect(health.record(Self.failure, at: Self.start) == .active)
        #expect(health.failingSince == Self.start)
        #expect(health.record(Self.failure, at: Self.start + .hours(120) - .milliseconds(1)) == .active)
        #expect(health.record(Self.failure, at: Self.start + .hours(120)) == .disabledByFailures)
    }

    @Test("one success forgets all failures before it")
    func success() {
        var health = EndpointHealth(failingSince: Self.start)
        #expect(health.record(.success, at: Self.start + .hours(119)) == .active)
        #expect(health.failingSince == nil)
        #expect(health.record(Self.failure, at: Self.start + .hours(121)) == .active)
        #expect(health.failingSince == Self.start + .hours(121))
    }

    @Test("410 disables at once")
    func gone() {
        var health = EndpointHealth()
        #expect(health.record(.gone, at: Self.start) == .disabledByReceiver)
    }

    @Test("reports out of order keep the earliest failure")
    func order() {
        var health = EndpointHealth(failingSince: Self.start)
        #expect(health.record(Self.failure, at: Self.start - .seconds(5)) == .active)
        #expect(health.failingSince == Self.start - .seconds(5))
    }
}
