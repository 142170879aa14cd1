import CCurl
import Chrono
import Engine
import Glibc
import Synchronization

/// Sends requests with libcurl, all of them on one thread that sleeps while nothing happens.
///
/// Connections are kept and used again; HTTP/2 is spoken where the receiver offers it. No redirect is followed, no
/// proxy, cookie or stored password used, and every address is judged by the policy before a socket is opened.
final class WebhookTransport: Sendable {
    enum Acceptance: Sendable {
        case accepted
        /// As many requests, or as large ones, as allowed are under way.
        case full
        case stopped
    }

    private struct Job: Sendable {
        var request: TransportRequest
        var reply: Transfer.Reply
    }

    /// What the callers and the thread share.
    private struct Shared {
        var jobs: [Job] = []
        /// Accepted and not over.
        var outstanding = 0
        var bytes = 0
        var isOpen = true
        /// When the thread gives up what is under way, by the monotonic clock; set when stopping.
        var abortAt: Int64?
        var waker: Waker?
    }

    private let shared = Mutex(Shared())
    private let thread = Mutex<OSThread?>(nil)
    private let options: TransportOptions

    init(_ options: TransportOptions) {
        self.options = options
    }

    /// False if libcurl cannot be used, or not with these options.
    func start() -> Bool {
        guard let loop = TransportLoop(options) else { return false }
        shared.withLock { $0.waker = Waker(multi: loop.multi, usesWakeUp: options.usesWakeUp) }
        let carried = Carried(loop)
        let started = OSThread(name: "webhook-curl") { [self] in run(carried.loop) }
        thread.withLock { $0 = started }
        return true
    }

    /// Hands a request over; `reply` comes once, on the transport's thread, where it must not block.
    func submit(_ request: TransportRequest, reply: @escaping Transfer.Reply) -> Acceptance {
        shared.withLock { shared in
            guard shared.isOpen, let waker = shared.waker else { return .stopped }
            let bytes = request.byteCount
            guard shared.outstanding < options.requestLimit,
                shared.outstanding == 0 || shared.bytes + bytes <= options.byteLimit / 2
            else { return .full }
            shared.outstanding += 1
            shared.bytes += bytes
            let reply: Transfer.Reply = { [self] result in
                release(bytes)
                reply(result)
            }
            shared.jobs.append(Job(request: request, reply: reply))
            // One call wakes for all that is there by then.
            if shared.jobs.count == 1 { waker.wake() }
            return .accepted
        }
    }

    private func release(_ bytes: Int) {
        shared.withLock { $0.bytes -= bytes }
    }

    /// Accepts nothing more, gives what is under way as long as `grace`, then fails it as `stopped`. Returns when every
    /// reply has been given and the thread has ended.
    func stop(grace: TimeSpan) {
        shared.withLock { shared in
            shared.isOpen = false
            shared.abortAt = SystemClock.monotonicMicroseconds() + max(0, grace.milliseconds) * 1000
            shared.waker?.wake()
        }
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    private func run(_ loop: TransportLoop) {
        while true {
            let (jobs, abortAt) = shared.withLock { shared in
                let taken = shared.jobs
                shared.jobs.removeAll(keepingCapacity: true)
                return (taken, shared.abortAt)
            }
            var ended = 0
            for job in jobs where !loop.begin(job.request, reply: job.reply) { ended += 1 }
            ended += loop.perform()
            if let abortAt {
                if SystemClock.monotonicMicroseconds() >= abortAt { ended += loop.abort() }
                if loop.isIdle, shared.withLock({ $0.jobs.isEmpty }) { break }
            }
            if ended > 0 { shared.withLock { $0.outstanding -= ended } }
            loop.sleep(until: abortAt)
        }
        // Nobody may wake a handle that is gone.
        shared.withLock { $0.waker = nil }
    }

    /// Wakes the thread from its sleep. Only used under the lock, and gone before the handle is.
    private struct Waker: @unchecked Sendable {  // curl_multi_wakeup may be called from any thread
        let multi: UnsafeMutableRawPointer
        let usesWakeUp: Bool

        // Where that fails, the thread looks by itself: see `TransportLoop.sleep`.
        func wake() { if usesWakeUp { curl_multi_wakeup(multi) } }
    }

    /// Carries the loop into its thread, once.
    private struct Carried: @unchecked Sendable {  // `start` keeps no reference; only the thread reads it
        let loop: TransportLoop

        init(_ loop: TransportLoop) { self.loop = loop }
    }
}
