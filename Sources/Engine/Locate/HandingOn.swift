import Chrono
import EventSourcing
import JSON
import ProcessManagement

// What waits in a process when it ends is not lost: the next run under its key gets it, or an operator sees it.

extension ProcessEngine {
    /// How often an event is handed from run to run; then it is unmatched, and somebody has to look.
    private static let handingLimit = 100

    /// Notes that a process ended while events waited in it. They come after what the step published, which may start
    /// the next run.
    func noteWaiting(of appended: AppendedStep, from before: ProcessState, in chain: inout InputChain) -> Bool {
        let step = appended.step
        guard step.state.status.isEnd, !before.status.isEnd,
            !step.state.waitingEvents.isEmpty || !step.unoffered.isEmpty
        else { return false }
        chain.own.append(
            OwnInput(.handOn(process: appended.process.handle, unoffered: step.unoffered), depth: chain.depth))
        return true
    }

    /// Gives the events that waited in an ended process to the next run, in their order.
    func handOn(from process: RowHandle, unoffered: [Int64], in chain: inout InputChain) throws(EngineError) {
        let ended = try load(.stored(process)).state
        let waiting =
            ended.waitingEvents.inOrder.map { (version: $0.version, taken: $0.taken) }
            + unoffered.map { (version: $0, taken: false) }
        let newest = registry.newest(ended.definition)
        var events: [HandedEvent] = []
        for (version, taken) in waiting.sorted(by: { $0.version < $1.version }) {
            guard let event = try recordedEvent(of: process, at: version) else { continue }
            let handed = HandedEvent(event, tenant: ended.tenant, definition: ended.definition)
            let isWanted = newest.map { $0.restarts && $0.routes[event.type] != nil } ?? false
            if taken || !isWanted || handed.count > Self.handingLimit {
                try keepOn(handed, handed.unmatched(because: .ended, taken: taken, at: chain.now))
            } else {
                events.append(handed)
            }
        }
        if let newest { try hand(events, to: newest, in: &chain) }
        // What came while it was on its way to the end came later than these.
        chain.gained.append((LocationKey(keyOf: ended), chain.depth))
    }

    private func hand(
        _ events: [HandedEvent], to newest: any ManagedDefinition, in chain: inout InputChain
    ) throws(EngineError) {
        var events = events
        // If nobody has started the next run yet, the first that can does; the others follow it in their order.
        var next: RowHandle?
        if let first = events.firstIndex(where: { newest.routes[$0.event.type]?.kind == .start }),
            let key = key(of: events[first], newest), try running(key) == nil
        {
            next = try start(newest, key, events.remove(at: first), in: &chain)
        }
        for handed in events {
            guard let route = newest.routes[handed.event.type], let key = key(of: handed, newest) else {
                try keepOn(handed, handed.unmatched(because: .keyFailed, taken: false, at: chain.now))
                continue
            }
            let taker: RowHandle? = if let next { next } else { try running(key) }
            if let taker, try !load(.stored(taker)).state.status.isEnd {
                try hand(handed, to: taker, in: &chain)
            } else if route.kind == .start {
                next = try start(newest, key, handed, in: &chain)
            } else if case .hold(let span) = route.whenMissing {
                try keep(handed.held(at: key, until: chain.now + span, at: chain.now))
                try note(.hold, of: handed)
            } else {
                try keepOn(handed, handed.unmatched(because: .ended, taken: false, at: chain.now))
            }
        }
    }

    private func start(
        _ newest: any ManagedDefinition, _ key: LocationKey, _ handed: HandedEvent, in chain: inout InputChain
    ) throws(EngineError) -> RowHandle {
        try advance(.new(newProcess(newest, key, handed.event)), handed, in: &chain)
    }

    private func hand(
        _ handed: HandedEvent, to taker: RowHandle, in chain: inout InputChain
    ) throws(EngineError) {
        guard try isListed(handed.event.type, by: taker) else {
            try keepOn(handed, handed.unmatched(because: .notInVersion, taken: false, at: chain.now))
            return
        }
        _ = try advance(.stored(taker), handed, in: &chain)
    }

    private func advance(
        _ taker: Subject, _ handed: HandedEvent, in chain: inout InputChain
    ) throws(EngineError) -> RowHandle {
        let process = try advance(taker, .event(handed.event), handedOn: handed.count, in: &chain).process.handle
        try note(.process(process), of: handed)
        return process
    }

    private func keepOn(_ handed: HandedEvent, _ unmatched: UnmatchedEvent) throws(EngineError) {
        try note(.unmatched(try keep(unmatched)), of: handed)
    }

    private func note(_ place: EventMove.Destination, of handed: HandedEvent) throws(EngineError) {
        try note(EventMove(destination: place), of: handed.event, tenant: handed.tenant)
    }

    private func key(of handed: HandedEvent, _ newest: any ManagedDefinition) -> LocationKey? {
        guard let route = newest.routes[handed.event.type], let value = newest.key(of: handed.event) else { return nil }
        return LocationKey(
            tenant: handed.tenant, definition: handed.definition, name: route.by ?? "", value: value)
    }

    private func running(_ key: LocationKey) throws(EngineError) -> RowHandle? {
        let store = store
        return try stored { () throws(StoreError) in
            try store.locate(key).flatMap { $0.running ? $0.handle : nil }
        }
    }
}

/// An event on its way from one run to the next.
private struct HandedEvent {
    let event: Event
    let tenant: String
    let definition: String
    /// How many runs it has come through, with the one it leaves.
    let count: Int

    init(_ recorded: Event, tenant: String, definition: String) {
        count = ((try? Observations(decoding: recorded.observed))?.handedOn ?? 0) + 1
        var event = recorded
        event.observed = nil
        self.event = event
        self.tenant = tenant
        self.definition = definition
    }

    func unmatched(because reason: UnmatchedEvent.Reason, taken: Bool, at now: Instant) -> UnmatchedEvent {
        var event = event
        event.observed = taken ? UnmatchedEvent.takenMark : nil
        return UnmatchedEvent(tenant: tenant, event: event, reason: reason, definition: definition, receivedAt: now)
    }

    /// The count waits with it.
    func held(at key: LocationKey, until end: Instant, at now: Instant) -> HeldEvent {
        var event = event
        event.observed = Observations(handedOn: count).encoded
        return HeldEvent(location: key, event: event, receivedAt: now, expiresAt: end)
    }
}
