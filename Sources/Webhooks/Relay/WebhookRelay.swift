import Chrono
import Engine
import Synchronization

/// Sends what the engine has for endpoints, and tells the engine what came of it.
///
/// It reads committed deliveries through a reader of its own and keeps nothing but what is under way: if the service is
/// killed, what was under way is sent again, and nothing is lost. With nothing to do it sleeps until the engine has made
/// a delivery, changed an endpoint, or the next attempt is due.
public final class WebhookRelay: Sendable {
    private struct Running {
        var transport: WebhookTransport
        var thread: OSThread
    }

    private let engine: EngineThread
    private let reader: Owned
    private let mailbox = Mailbox<RelayMessage>(limit: .max)
    private let sealer: SecretSealer
    private let wording: TaskWording
    private let running = Mutex<Running?>(nil)

    /// Takes the reader over.
    ///
    /// - Parameters:
    ///   - sealer: that of the engine.
    ///   - wording: how tasks are written and outcomes read.
    public init(
        engine: EngineThread, reader: sending any ProcessReader, sealer: SecretSealer, wording: TaskWording
    ) {
        self.engine = engine
        self.reader = Owned(reader)
        self.sealer = sealer
        self.wording = wording
    }

    /// Begins to send; to be called once. False if libcurl cannot be used, or not with these options.
    public func start(_ options: TransportOptions) -> Bool {
        let transport = WebhookTransport(options)
        guard transport.start() else { return false }
        let wakeUp = RelayWakeUp(mailbox)
        // On the engine's thread: what it hands out from now on is for endpoints as they are now.
        engine.onDeliveries { wakeUp.signal(endpointsChanged: $0) }
        let thread = OSThread(name: "webhooks") { [self] in
            let loop = RelayLoop(
                engine: engine, transport: transport, reader: reader.reader, mailbox: mailbox, wakeUp: wakeUp,
                sealer: sealer, wording: wording,
                // The transport counts a request a moment longer than the relay does.
                requestLimit: options.requestLimit - options.requestLimit / 8,
                byteLimit: options.byteLimit / 2 - options.byteLimit / 8)
            loop.run()
        }
        running.withLock { $0 = Running(transport: transport, thread: thread) }
        return true
    }

    /// Sends nothing more, waits for what is under way as long as `grace`, and returns when the engine has all results.
    /// What got no answer in time is sent again after the next start. The engine has to be running.
    public func stop(grace: TimeSpan) {
        let running = running.withLock { running in
            defer { running = nil }
            return running
        }
        guard let running else { return }
        // In this order: every result is in the mailbox before the message that ends the thread.
        _ = mailbox.put(.stopping)
        running.transport.stop(grace: grace)
        _ = mailbox.put(.stopped)
        running.thread.join()
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
