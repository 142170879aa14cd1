import API
import Definitions
import Engine
import JSON
import Synchronization

/// Plays scenarios for `POST /definitions/{name}/simulate`: one after the other on a thread of its own, each on a whole
/// service in memory. Nothing of it touches the service's own store.
final class Simulator: Sendable {
    typealias Reply = @Sendable (SimulationResult) -> Void

    private struct Job: Sendable {
        let request: SimulationRequest
        let reply: Reply
    }

    /// How many may wait.
    private static let queueLimit = 8
    private let mailbox = Mailbox<Job>(limit: queueLimit)
    /// Made when it is first needed; most services never are asked.
    private let thread = Mutex<OSThread?>(nil)
    private let isStopping = Atomic(false)

    /// False where too many wait already.
    func submit(_ request: SimulationRequest, reply: @escaping Reply) -> Bool {
        guard case .accepted = mailbox.put(Job(request: request, reply: reply)) else { return false }
        thread.withLock { thread in
            if thread == nil { thread = OSThread(name: "simulator") { [self] in run() } }
        }
        return true
    }

    /// Ends the scenario that is being played after its present step; those that wait are not begun.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        mailbox.close()
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    private func run() {
        var jobs: [Job] = []
        while mailbox.takeAll(into: &jobs, until: nil) {
            for job in jobs { job.reply(play(job.request)) }
            jobs.removeAll(keepingCapacity: true)
        }
    }

    private func play(_ request: SimulationRequest) -> SimulationResult {
        if isStopping.load(ordering: .relaxed) { return .failed("the service is stopping") }
        return Simulation(request) { [self] in !isStopping.load(ordering: .relaxed) }.result()
    }
}
