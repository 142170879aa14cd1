import Engine
import Glibc
import Synchronization

/// A file that cannot be used until the next start: the service says so at `/readyz` and refuses requests for a while,
/// so that its clients go elsewhere and the metric is read once more, and ends then, for its supervisor to start it.
enum FinalFailure {
    static let secondsUntilEnd = 30.0
    private static let noted = Atomic(false)

    static var isNoted: Bool { noted.load(ordering: .acquiring) }

    @Sendable static func note() {
        guard !noted.exchange(true, ordering: .acquiringAndReleasing) else { return }
        _ = OSThread(name: "final-failure") {
            SystemClock.sleep(seconds: secondsUntilEnd)
            kill(getpid(), SIGTERM)
        }
    }
}
