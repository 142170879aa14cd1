import Chrono
import Engine
import Synchronization

/// Sends what the engine has for endpoints, and tells the engine what came of it.
///
/// It reads committed deliveries through a reader of its own and keeps nothing but what is under way: if the service is
/// killed, what was under way is sent again, and nothing is lost. With nothing to do it sleeps until the engine has made
/// a delivery, changed an endpoint, or the next attempt is due.
public final class WebhookRelay: Sendable {
    private let engine: EngineThread
    private let transport: WebhookTransport
    private let mailbox = Mailbox<RelayMessage>(limit: .max)
    private let wakeUp: RelayWakeUp
    private let sealer: SecretSealer
    private let wording: TaskWording
    private let requestLimit: Int
    private let thread = Mutex<OSThread?>(nil)

    /// - Parameters:
    ///   - sealer: that of the engine.
    ///   - wording: how tasks are written and outcomes read.
    public init(engine: EngineThread, sealer: SecretSealer, wording: TaskWording, options: TransportOptions) {
        self.engine = engine
        self.sealer = sealer
        self.wording = wording
        // The transport counts a request a moment longer than the relay does.
        requestLimit = options.requestLimit - options.requestLimit / 8
        transport = WebhookTransport(options)
        wakeUp = RelayWakeUp(mailbox)
    }

    /// Takes the reader over and begins to send. False if libcurl cannot be used, or not with these options.
    public func start(reader: sending any ProcessReader) -> Bool {
        guard transport.start() else { return false }
        let owned = Owned(reader)
        engine.onDeliveries { [wakeUp] endpointsChanged in wakeUp.signal(endpointsChanged: endpointsChanged) }
        let started = OSThread(name: "webhooks") { [self] in
            let loop = RelayLoop(
                engine: engine, transport: transport, reader: owned.reader, mailbox: mailbox, wakeUp: wakeUp,
                sealer: sealer, wording: wording, requestLimit: requestLimit)
            loop.run()
        }
        thread.withLock { $0 = started }
        return true
    }

    /// Sends nothing more, waits for what is under way as long as `grace`, and returns when the engine has all results.
    /// What got no answer in time is sent again after the next start. The engine has to be running.
    public func stop(grace: TimeSpan) {
        guard thread.withLock({ $0 != nil }) else { return }
        // In this order: every result is in the mailbox before the message that ends the thread.
        _ = mailbox.put(.stopping)
        transport.stop(grace: grace)
        _ = mailbox.put(.stopped)
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    /// Carries the reader into its thread, once.
    private struct Owned: @unchecked Sendable {  // `sending`: the caller keeps no reference, only the new thread reads
        let reader: any ProcessReader

        init(_ reader: sending any ProcessReader) { self.reader = reader }
    }
}

/// How tasks go over the wire: as in the API, which the relay does not know.
public struct TaskWording: Sendable {
    /// The task as `GET /tasks` shows it.
    public var task: @Sendable (ClaimedTask) -> [UInt8]
    /// What the body of a receiver's answer says of the task; nil if it is no outcome.
    public var outcome: @Sendable ([UInt8]) -> OutcomeRequest.Outcome?

    public init(
        task: @escaping @Sendable (ClaimedTask) -> [UInt8],
        outcome: @escaping @Sendable ([UInt8]) -> OutcomeRequest.Outcome?
    ) {
        self.task = task
        self.outcome = outcome
    }
}
