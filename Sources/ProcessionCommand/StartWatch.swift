import Engine
import Glibc
import Synchronization

/// Ends the program at a signal that comes while it starts: the thread that starts may hang, on a disk that does not
/// answer, and would not hear of it. Nothing was acknowledged yet, and what the start began the next one does again.
final class StartWatch: Sendable {
    private let isOver: Over

    init(signals: sigset_t) {
        let over = Over()
        isOver = over
        _ = OSThread(name: "start-watch") {
            var signals = signals
            while !over.flag.load(ordering: .acquiring) {
                var time = timespec(tv_sec: 0, tv_nsec: 50_000_000)
                let signal = sigtimedwait(&signals, nil, &time)
                guard signal > 0 else { continue }
                guard !over.flag.load(ordering: .acquiring) else {
                    // It was meant for the service that runs by now.
                    kill(getpid(), signal)
                    return
                }
                let line = "Error: stopped by signal \(signal) before it listened\n"
                _ = write(STDERR_FILENO, line, line.utf8.count)
                _exit(1)
            }
        }
    }

    func end() { isOver.flag.store(true, ordering: .releasing) }

    private final class Over: Sendable {
        let flag = Atomic(false)
    }
}
