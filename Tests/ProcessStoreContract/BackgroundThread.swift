import Foundation

/// A thread of its own that can be waited for: nothing blocking runs on the threads of the test runner.
final class BackgroundThread {
    private let done = DispatchSemaphore(value: 0)
    private var isJoined = false

    init(_ body: @escaping @Sendable () -> Void) {
        let done = done
        Thread.detachNewThread {
            body()
            done.signal()
        }
    }

    func join() {
        guard !isJoined else { return }
        done.wait()
        isJoined = true
    }
}
