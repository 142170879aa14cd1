import CLinux
import Glibc
import Synchronization

/// Names a connection of one reactor; the generation tells a reused slot from its former holder.
struct ConnectionToken: Sendable, Equatable {
    var slot: UInt32
    var generation: UInt32

    /// As carried by epoll.
    var word: UInt64 { UInt64(generation) << 32 | UInt64(slot) }

    init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }

    init(word: UInt64) {
        slot = UInt32(truncatingIfNeeded: word)
        generation = UInt32(truncatingIfNeeded: word >> 32)
    }
}

/// A request of a connection: what an answer belongs to.
struct RequestToken: Sendable, Equatable {
    var connection: ConnectionToken
    var number: Int
}

/// What other threads tell a reactor.
enum ReactorMessage: Sendable {
    /// What it takes is on the account of its caller already.
    case answer(RequestToken, HTTPResponse, MemoryCharge)
    /// There is no memory for the answer.
    case refuseAnswer(RequestToken)
    case streamHead(RequestToken, HTTPResponse, StreamBudget)
    case streamBytes(RequestToken, [UInt8])
    case streamEnd(RequestToken)
    /// The reader of a stream is too slow: close at once.
    case cut(RequestToken)
    /// A long poll was parked whose peer had half-closed before.
    case peerGone(RequestToken)
    case run(@Sendable () -> Void)
    /// A connection accepted by another reactor.
    case adopt(descriptor: Int32, address: String, identifier: UInt64)
    case stop(graceSeconds: Double)
}

/// The only way into a reactor from other threads. Messages of one thread arrive in order.
///
/// A post costs one lock, and one write to the event descriptor only when the reactor is asleep and nobody has woken
/// it yet.
final class Mailbox: Sendable {
    private struct State {
        var messages: [ReactorMessage] = []
        var asleep = false
        /// While above 0, messages gather and nobody is woken.
        var holds = 0

        /// Whether the reactor has to be woken now; told once.
        var wakes: Bool {
            mutating get {
                guard asleep, holds == 0, !messages.isEmpty else { return false }
                asleep = false
                return true
            }
        }
    }

    private let state = Mutex(State())
    let eventDescriptor: Int32

    init() throws(HTTPServerError) {
        eventDescriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard eventDescriptor >= 0 else { throw .system(call: "eventfd", errno: errno) }
    }

    deinit { close(eventDescriptor) }

    func post(_ message: ReactorMessage) {
        let wakes = state.withLock { state in
            state.messages.append(message)
            return state.wakes
        }
        if wakes { signal() }
    }

    /// What is posted from now on waits for `release`, so that many messages cost one wake-up.
    func hold() {
        state.withLock { $0.holds += 1 }
    }

    func release() {
        let wakes = state.withLock { state in
            state.holds -= 1
            return state.wakes
        }
        if wakes { signal() }
    }

    /// Swaps the waiting messages with `batch`, which must be empty; its capacity is reused.
    func take(into batch: inout [ReactorMessage]) {
        state.withLock { state in
            let waiting = state.messages
            state.messages = batch
            batch = waiting
        }
    }

    /// Announces that the reactor is about to sleep; false if there is something to do first.
    func prepareToSleep() -> Bool {
        state.withLock { state in
            state.asleep = state.messages.isEmpty
            return state.asleep
        }
    }

    func wokeUp() {
        state.withLock { $0.asleep = false }
    }

    func clearSignal() {
        var value: UInt64 = 0
        _ = read(eventDescriptor, &value, MemoryLayout<UInt64>.size)
    }

    private func signal() {
        var one: UInt64 = 1
        _ = write(eventDescriptor, &one, MemoryLayout<UInt64>.size)
    }
}
