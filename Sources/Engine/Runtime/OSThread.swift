import CLinux
import Glibc

/// A real thread. Blocking calls belong on one of these, never on Swift's cooperative pool.
public struct OSThread: Sendable {
    private let handle: pthread_t

    /// Starts a thread that runs `body` once, with all signals blocked: they belong to the thread that waits for them.
    public init(name: String, _ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Body(name: String(name.prefix(15)), run: body))
        var created = pthread_t()
        let status = pthread_create(&created, nil, Self.main, box.toOpaque())
        // Without threads there is no service: nothing sensible is left to do but to say so in a line.
        guard status == 0 else {
            let line = "Error: the system gives no thread '\(name)': \(String(cString: strerror(status)))\n"
            _ = write(STDERR_FILENO, line, line.utf8.count)
            _exit(1)
        }
        handle = created
    }

    /// Waits until the thread has ended. To be called once.
    public func join() {
        _ = pthread_join(handle, nil)
    }

    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        guard let argument else { return nil }
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
        procession_name_thread(body.name)
        body.run()
        return nil
    }
}

/// The clocks of the machine. The engine itself has none.
public enum SystemClock {
    /// Milliseconds since 1970, UTC.
    public static func wallMilliseconds() -> Int64 {
        let time = read(CLOCK_REALTIME)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Never goes back; only differences mean anything.
    public static func monotonicMicroseconds() -> Int64 {
        let time = read(CLOCK_MONOTONIC)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    /// The same in milliseconds, rounded down, so that what is due now is due.
    public static func steadyMilliseconds() -> Int64 { monotonicMicroseconds() / 1000 }

    /// Blocks the thread. However the wall clock is set meanwhile, it is as long.
    public static func sleep(seconds: Double) {
        let end = monotonicMicroseconds() + Int64(seconds * 1_000_000)
        var time = timespec(tv_sec: Int(end / 1_000_000), tv_nsec: Int(end % 1_000_000) * 1000)
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }
}
