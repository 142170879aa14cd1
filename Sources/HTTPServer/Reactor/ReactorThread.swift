import Glibc

/// A thread of the operating system for one reactor: nothing here may block Swift's cooperative pool.
enum ReactorThread {
    private final class Body: Sendable {
        let seat: ReactorSeat
        init(_ seat: ReactorSeat) { self.seat = seat }
    }

    static func start(_ seat: ReactorSeat) throws(HTTPServerError) -> pthread_t {
        let argument = Unmanaged.passRetained(Body(seat)).toOpaque()
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, main, argument)
        guard code == 0 else {
            Unmanaged<Body>.fromOpaque(argument).release()
            throw .system(call: "pthread_create", errno: code)
        }
        return thread
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        guard let argument else { return nil }
        blockSignals()
        let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
        Reactor(body.seat).run()
        return nil
    }

    /// Signals are the business of the thread that waits for them.
    private static func blockSignals() {
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
    }
}
