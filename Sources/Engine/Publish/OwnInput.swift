import EventSourcing
import JSON
import ProcessManagement

/// What the engine gives to itself: the next input of some process, which follows from a step of another one.
struct OwnInput: Equatable {
    enum Content: Equatable {
        /// A published event, by its place in the global order.
        case deliver(tenant: String, position: Int64)
        /// The child that does a task begins.
        case startChild(tenant: String, task: TaskID)
        /// The parent waits no more, or is being cancelled itself.
        case cancelChild(tenant: String, task: TaskID, ChildCancel)
        /// The end of a child is the outcome of its parent's task.
        case childEnded(child: RowHandle)
        /// What waited in a process that ended goes to the next one under its key. `unoffered` are the versions of
        /// events that waited for its start.
        case handOn(process: RowHandle, unoffered: [Int64])
    }

    var content: Content
    /// How many links lead to it from what came from outside.
    var depth: Int

    init(_ content: Content, depth: Int) {
        self.content = content
        self.depth = depth
    }
}

/// How a parent's end, or its cancel, is passed on.
struct ChildCancel: Equatable {
    var mode: CancelMode
    var reason: String
    /// The request for the parent asked to undo what was done.
    var compensate: Bool
    /// The request itself said `compensate: false`.
    var explicit = false
    /// How often the task had been reopened: which child is meant.
    var reopened: Int
}

// As it waits in the store: a JSON list of the kind, the depth and what it is about.
extension OwnInput {
    var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.beginArray()
        switch content {
        case .deliver(let tenant, let position):
            writer.value("deliver")
            writer.value(Int64(depth))
            writer.value(tenant)
            writer.value(position)
        case .startChild(let tenant, let task):
            writer.value("start")
            writer.value(Int64(depth))
            writer.value(tenant)
            writer.value(task)
        case .cancelChild(let tenant, let task, let cancel):
            writer.value("cancel")
            writer.value(Int64(depth))
            writer.value(tenant)
            writer.value(task)
            writer.value(cancel.mode.rawValue)
            writer.value(cancel.reason)
            writer.value(cancel.compensate)
            writer.value(Int64(cancel.reopened))
            writer.value(cancel.explicit)
        case .childEnded(let child):
            writer.value("ended")
            writer.value(Int64(depth))
            writer.value(child)
        case .handOn(let process, let unoffered):
            writer.value("hand_on")
            writer.value(Int64(depth))
            writer.value(process)
            writer.beginArray()
            for version in unoffered { writer.value(version) }
            writer.endArray()
        }
        writer.endArray()
        return writer.finish()
    }

    /// Nil for anything that `encoded` did not write.
    init?(decoding bytes: [UInt8]) {
        guard let view = try? JSONDocument.parse(bytes).root, let depth = view[1]?.int64Value else { return nil }
        self.depth = Int(depth)
        let task = view[3]?.stringValue.flatMap { UniqueID($0) }
        switch view[0]?.stringValue {
        case "deliver":
            guard let tenant = view[2]?.stringValue, let position = view[3]?.int64Value else { return nil }
            content = .deliver(tenant: tenant, position: position)
        case "start":
            guard let tenant = view[2]?.stringValue, let task else { return nil }
            content = .startChild(tenant: tenant, task: task)
        case "cancel":
            guard let tenant = view[2]?.stringValue, let task, let reason = view[5]?.stringValue,
                let mode = view[4]?.stringValue.flatMap(CancelMode.init(rawValue:)),
                let compensate = view[6]?.boolValue, let reopened = view[7]?.int64Value
            else { return nil }
            content = .cancelChild(
                tenant: tenant, task: task,
                ChildCancel(
                    mode: mode, reason: reason, compensate: compensate, explicit: view[8]?.boolValue ?? false,
                    reopened: Int(reopened)))
        case "ended":
            guard let child = view[2]?.int64Value else { return nil }
            content = .childEnded(child: child)
        case "hand_on":
            guard let process = view[2]?.int64Value else { return nil }
            content = .handOn(process: process, unoffered: view[3]?.elements.compactMap(\.int64Value) ?? [])
        default: return nil
        }
    }
}

extension OwnInput {
    /// It makes its chain no longer.
    var isProgress: Bool {
        if case .childEnded = content { true } else { false }
    }
}

extension ProcessEngine {
    /// The input is the next link of its chain, and has its share of the transaction.
    func begin(_ input: OwnInput, in chain: inout InputChain) throws(EngineError) {
        if input.isProgress { chain.progressing += 1 } else { chain.shared += 1 }
        chain.depth = input.depth
        try take(input, in: &chain)
    }

    private func take(_ input: OwnInput, in chain: inout InputChain) throws(EngineError) {
        switch input.content {
        case .deliver(let tenant, let position): try deliverPublished(tenant, position, in: &chain)
        case .startChild(let tenant, let task): try startChild(tenant, task, in: &chain)
        case .cancelChild(let tenant, let task, let cancel): try cancelChild(tenant, task, cancel, in: &chain)
        case .childEnded(let child): try settleParent(of: child, in: &chain)
        case .handOn(let process, let unoffered): try handOn(from: process, unoffered: unoffered, in: &chain)
        }
    }
}
