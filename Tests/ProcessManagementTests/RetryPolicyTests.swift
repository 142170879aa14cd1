import Chrono
import ProcessManagement
import Testing

@Suite("Retry policy")
struct RetryPolicyTests {
    @Test("the defaults are three attempts, one second, doubling, at most a minute, no jitter")
    func defaults() {
        let policy = RetryPolicy()
        #expect(policy.maxAttempts == 3)
        #expect(policy.never == [])
        let delays = (1...8).map { policy.delay(after: $0, noise: 0.7) }
        #expect(delays == [1, 2, 4, 8, 16, 32, 60, 60].map { TimeSpan.seconds($0) })
    }

    @Test(
        "each delay is the one before times the factor, up to the limit",
        arguments: [
            (200, 1.0, 60_000, [200, 200, 200, 200]), (100, 3.0, 1000, [100, 300, 900, 1000]),
            (1000, 1.5, 60_000, [1000, 1500, 2250, 3375]), (5000, 2.0, 1000, [1000, 1000, 1000, 1000]),
            (0, 2.0, 60_000, [0, 0, 0, 0]),
        ] as [(Int64, Double, Int64, [Int64])])
    func factors(_ delay: Int64, _ factor: Double, _ maxDelay: Int64, _ expected: [Int64]) {
        var policy = RetryPolicy()
        policy.delay = .milliseconds(delay)
        policy.factor = factor
        policy.maxDelay = .milliseconds(maxDelay)
        #expect((1...4).map { policy.delay(after: $0, noise: 0.5).milliseconds } == expected)
    }

    @Test("jitter j keeps the delay within j of the computed one, and noise decides where")
    func jitter() {
        var policy = RetryPolicy()
        policy.jitter = 0.5
        #expect(policy.delay(after: 2, noise: 0) == .milliseconds(1000))
        #expect(policy.delay(after: 2, noise: 0.5) == .milliseconds(2000))
        #expect(policy.delay(after: 2, noise: 0.999_999) == .milliseconds(3000))
        policy.jitter = 1
        #expect(policy.delay(after: 1, noise: 0) == .zero)
    }

    @Test("a huge attempt number costs and overflows nothing", arguments: [0, 1000] as [Int64])
    func hugeAttempts(_ delay: Int64) {
        var policy = RetryPolicy()
        policy.delay = .milliseconds(delay)
        #expect(policy.delay(after: .max, noise: 0.5) == .milliseconds(delay * 60))
    }
}
