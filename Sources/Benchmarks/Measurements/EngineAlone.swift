import CLinux
import Chrono
import Definitions
import Engine
import Glibc
import JSON
import Procession

/// An engine without service, threads or HTTP, whose processor time is measured.
struct EngineAlone {
    let engine: ProcessEngine
    let now = Instant(milliseconds: 1_800_000_000_000)

    init(_ store: any ProcessStore, definition text: String) throws {
        engine = try ProcessEngine(
            store: store, factory: DefinitionManagers(), makeSecret: { [UInt8](repeating: 7, count: 32) })
        let definition = try Definition.load(Array(text.utf8)).definition
        let stored = EngineRequest.storeDefinition(
            DefinitionRequest(name: definition.name, content: JSONView(definition.canonical)))
        _ = engine.run([stored], at: now, wallClock: now)
    }

    /// The processor time that requests take, so many to a batch, in seconds.
    func run(
        _ requests: [EngineRequest], batch: Int, answered: (EngineAnswer) -> Void = { _ in }
    ) throws -> Double {
        let begun = Self.processorTime()
        var first = 0
        while first < requests.count {
            let last = min(requests.count, first + batch)
            let result = engine.run(Array(requests[first..<last]), at: now, wallClock: now)
            guard result.isHealthy else { throw BenchmarkError("the commit failed") }
            result.answers.forEach(answered)
            first = last
        }
        return Self.processorTime() - begun
    }

    /// The outcomes of the tasks that claims of `batch` give, and the processor time of those claims.
    func claim(_ count: Int, batch: Int) throws -> (outcomes: [EngineRequest], seconds: Double) {
        let claims = (0..<((count + batch - 1) / batch)).map { number in
            EngineRequest.claim(
                ClaimRequest(tenant: "default", types: ["do-work"], worker: "w", limit: batch),
                ClaimCaller(ticket: Int64(number), isGone: { false }))
        }
        var outcomes: [EngineRequest] = []
        let seconds = try run(claims, batch: 1) { answer in
            guard case .claimed(let tasks) = answer else { return }
            for task in tasks {
                let outcome = OutcomeRequest(
                    tenant: "default", taskID: task.taskID, leaseToken: task.leaseToken,
                    outcome: .completed(result: JSONView(["ok": true])))
                outcomes.append(.outcomes([outcome]))
            }
        }
        return (outcomes, seconds)
    }

    /// Of this thread, in seconds.
    static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
