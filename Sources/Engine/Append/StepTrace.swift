import EventSourcing
import JSON
import ProcessManagement

/// The trace that everything in a step belongs to: that of the event which the step follows from, or none (W3C Trace
/// Context).
struct StepTrace {
    var parent: String?
    /// What goes with `parent`.
    var state: String?

    static let none = StepTrace()

    /// The form in which `state` is recorded.
    var extensions: JSONView? { state.map { JSONView(["tracestate": .string($0)]) } }
}

extension StepTrace {
    init(_ event: Event) { self.init(parent: event.traceparent, state: event.tracestate) }
}

extension ProcessEngine {
    /// An outcome belongs to what planned its task, and a retry to the input that is tried again. What nobody sent, such
    /// as a timer, bears none: the last event of the process may have nothing to do with it.
    func trace(
        of input: ProcessInput, for task: StoredTask?, _ process: LoadedProcess
    ) throws(EngineError) -> StepTrace {
        switch input {
        case .event(let event): return StepTrace(event)
        case .outcome: return if let task { try trace(of: task) } else { .none }
        case .resolve(let resolution, _, _) where resolution.resolution == .retry:
            guard let version = process.state.incidents[resolution.incidentID]?.inputVersion,
                let event = try recordedEvent(of: process.handle, at: version)
            else { return .none }
            return StepTrace(event)
        case .timer, .cancel, .suspend, .resume, .migrate, .continued, .resolve: return .none
        }
    }

    func trace(of task: StoredTask) throws(EngineError) -> StepTrace {
        let plan = try Engine.stored { () throws(StoreError) in try recordedPlan(of: task.row) }
        return StepTrace(parent: plan.traceparent, state: plan.tracestate)
    }

    /// What the stream has at this version.
    func recordedEvent(of process: RowHandle, at version: Int64) throws(EngineError) -> Event? {
        let store = store
        return try Engine.stored { () throws(StoreError) in
            try store.processStream(process, from: version, limit: 1).first?.event
        }
    }
}
