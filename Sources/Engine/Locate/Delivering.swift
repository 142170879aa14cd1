import Chrono
import EventSourcing
import JSON
import ProcessManagement

extension ProcessEngine {
    /// Gives an event to everyone it concerns, and follows what that makes possible.
    func deliver(
        _ event: Event, tenant: String, to places: [Place], at now: Instant
    ) throws(EngineError) -> EventReceipt {
        var receipt = EventReceipt(eventID: event.id, duplicate: false, deliveries: [], held: false, unmatched: false)
        for place in places {
            var chain = InputChain(at: now)
            try deliver(event, tenant: tenant, to: place, &receipt, in: &chain)
            try follow(&chain)
        }
        receipt.unmatched = !receipt.held && receipt.deliveries.isEmpty
        return receipt
    }

    /// What processes published is located like what is posted; there is nobody to refuse it to.
    func deliverPublished(_ tenant: String, _ position: Int64, in chain: inout InputChain) throws(EngineError) {
        let store = store
        guard let record = try stored({ () throws(StoreError) in try store.record(at: position) }) else { return }
        let incoming = IncomingEvent(tenant: tenant, event: record.event)
        guard try stored({ () throws(StoreError) in try store.inboxEntry(InboxKey(incoming)) }) == nil else { return }
        try deliver(incoming, to: try places(of: incoming.event, tenant: tenant, at: chain.now), in: &chain)
    }

    /// An event of our own is delivered and remembered; what it makes possible is left to the chain.
    func deliver(_ incoming: IncomingEvent, to places: [Place], in chain: inout InputChain) throws(EngineError) {
        _ = try remembering(incoming, at: chain.now) { () throws(EngineError) in
            var receipt = EventReceipt(
                eventID: incoming.event.id, duplicate: false, deliveries: [], held: false, unmatched: false)
            for place in places {
                try deliver(incoming.event, tenant: incoming.tenant, to: place, &receipt, in: &chain)
            }
            receipt.unmatched = !receipt.held && receipt.deliveries.isEmpty
            return receipt
        }
    }

    private func deliver(
        _ event: Event, tenant: String, to place: Place, _ receipt: inout EventReceipt, in chain: inout InputChain
    ) throws(EngineError) {
        switch place {
        case .start(let manager, let key):
            let process = try advance(.new(newProcess(manager, key, event)), .event(event), in: &chain)
            receipt.deliveries.append(.init(process, started: true))
        case .running(let handle):
            let status = try load(.stored(handle)).state.status
            let process = try advance(.stored(handle), .event(event), in: &chain)
            var delivery = EventReceipt.Delivery(process, started: false)
            if let reason = UnmatchedEvent.Reason(onTheWay: status) {
                delivery.effect.ignored = EventReceipt.Ignored(rawValue: reason.rawValue)
                try keep(event, tenant: tenant, because: reason, process.state.definition, &receipt, at: chain.now)
            }
            receipt.deliveries.append(delivery)
        case .ended(let handle, let isKept):
            let ended = try load(.stored(handle))
            receipt.deliveries.append(.init(ended, ignored: .ended))
            if isKept {
                try keep(event, tenant: tenant, because: .ended, ended.state.definition, &receipt, at: chain.now)
            }
        case .hold(let key, let until):
            receipt.held = true
            receipt.kept.append(RememberedAnswer.aHold)
            try keep(HeldEvent(location: key, event: event, receivedAt: chain.now, expiresAt: until))
        case .nowhere(let reason, let definition):
            try keep(event, tenant: tenant, because: reason, definition, &receipt, at: chain.now)
        case .refused(let definition, _):
            try keep(event, tenant: tenant, because: .ignored, definition, &receipt, at: chain.now)
        }
    }

    private func keep(
        _ event: Event, tenant: String, because reason: UnmatchedEvent.Reason, _ definition: String?,
        _ receipt: inout EventReceipt, at now: Instant
    ) throws(EngineError) {
        let row = try keep(
            UnmatchedEvent(tenant: tenant, event: event, reason: reason, definition: definition, receivedAt: now))
        receipt.kept.append(row)
    }

    func newProcess(_ manager: any ManagedDefinition, _ key: LocationKey, _ event: Event) -> ProcessState {
        ProcessState(
            processID: InputID.processID(
                tenant: key.tenant, definition: key.definition, key: key.value, source: event.source ?? "",
                eventID: event.id),
            tenant: key.tenant, definition: key.definition, definitionVersion: manager.version, key: key.value)
    }

    /// Events that waited for a key are the next inputs of the process that now has it, oldest first. Start events kept
    /// for a key whose process has ended start the next one.
    func deliverHeld(for key: LocationKey, in chain: inout InputChain) throws(EngineError) {
        let store = store
        var last: RowHandle = 0
        while true {
            let after = last
            let waiting = try stored { () throws(StoreError) in try store.heldEvents(for: key, after: after) }
            guard let end = waiting.last else { return }
            last = end.handle
            for held in waiting where held.expiresAt > chain.now {
                guard let taker = try taker(of: held) else { continue }
                if chain.hasRoom {
                    chain.shared += 1
                    try hand(held, to: taker, in: &chain)
                } else {
                    // The rest is due at once, ahead of whatever comes after.
                    try postpone(held)
                }
            }
        }
    }

    /// The process that has the key by now, or the next one if the event starts it; nil if it still has to wait.
    private func taker(of held: HeldEvent) throws(EngineError) -> Subject? {
        let store = store
        let key = held.location
        let located = try stored { () throws(StoreError) in try store.locate(key) }
        if let located, located.running { return .stored(located.handle) }
        guard let newest = registry.newest(key.definition), newest.restarts,
            newest.routes[held.event.type]?.kind == .start
        else { return nil }
        return .new(newProcess(newest, key, held.event))
    }

    private func hand(_ held: HeldEvent, to taker: Subject, in chain: inout InputChain) throws(EngineError) {
        let store = store
        if case .stored(let process) = taker, try !isListed(held.event.type, by: process) {
            return try give(up: held, because: .notInVersion)
        }
        try stored { () throws(StoreError) in try store.removeHeld(held.handle) }
        var event = held.event
        let handedOn = (try? Observations(decoding: event.observed))?.handedOn ?? 0
        event.observed = nil
        let process = try advance(taker, .event(event), handedOn: handedOn, in: &chain).process
        try note(
            EventMove(destination: .process(process.handle), endsHold: true), of: event, tenant: process.state.tenant)
    }

    private func give(up held: HeldEvent, because reason: UnmatchedEvent.Reason) throws(EngineError) {
        let store = store
        try stored { () throws(StoreError) in try store.removeHeld(held.handle) }
        let row = try keep(
            UnmatchedEvent(
                tenant: held.location.tenant, event: held.event, reason: reason, definition: held.location.definition,
                receivedAt: held.receivedAt))
        try note(
            EventMove(destination: .unmatched(row), endsHold: true), of: held.event, tenant: held.location.tenant)
    }

    /// The version that the process runs on listens to the event type.
    func isListed(_ type: String, by process: RowHandle) throws(EngineError) -> Bool {
        let state = try load(.stored(process)).state
        guard let manager = registry.manager(state.definition, version: state.definitionVersion) else { return true }
        return manager.routes[type] != nil
    }

    /// The hold is over: delivered if somebody has the key by now, else unmatched.
    func expire(_ held: HeldEvent, at now: Instant) throws(EngineError) {
        var chain = InputChain(at: now)
        if held.expiresAt == held.receivedAt, let taker = try taker(of: held) {
            try hand(held, to: taker, in: &chain)
            return try follow(&chain)
        }
        try give(up: held, because: .expired)
    }

    /// A held event that is due at once: it expires the moment it was received, which no real hold does.
    private func postpone(_ held: HeldEvent) throws(EngineError) {
        let store = store
        var due = held
        due.expiresAt = held.receivedAt
        let postponed = due
        try stored { () throws(StoreError) in
            try store.removeHeld(held.handle)
            try store.insertHeld(postponed)
        }
        hasPostponed = true
    }

    /// Delivers what earlier inputs of this batch left over, before anything that is posted after it.
    func deliverPostponed(at now: Instant) throws(EngineError) {
        let store = store
        while hasPostponed {
            hasPostponed = false
            for held in try stored({ () throws(StoreError) in try store.expiredHeld(at: now, limit: 256) }) {
                hasPostponed = true
                try expire(held, at: now)
            }
        }
    }

    func keep(_ held: HeldEvent) throws(EngineError) {
        let store = store
        try stored { () throws(StoreError) in try store.insertHeld(held) }
    }

    func keep(_ unmatched: UnmatchedEvent) throws(EngineError) -> RowHandle {
        let store = store
        let handle = try stored { () throws(StoreError) in try store.insertUnmatched(unmatched) }
        tally.eventsUnmatched += 1
        return handle
    }

    func unmatched(_ id: Int64, tenant: String) throws(EngineError) -> UnmatchedEvent {
        let store = store
        guard let kept = try stored({ () throws(StoreError) in try store.unmatched(id, tenant: tenant) }) else {
            throw .problem(Problem(.unmatchedNotFound, "there is no unmatched event \(id)"))
        }
        return kept
    }

    /// An operator tries an unmatched event again.
    func redeliver(tenant: String, unmatched id: Int64, at now: Instant) throws(EngineError) -> EventReceipt {
        let store = store
        let kept = try unmatched(id, tenant: tenant)
        var places: [Place] = []
        do throws(EngineError) {
            // Others that listen to it got it when it came, and so did a process that was on its way to an end.
            let reached = try processesReached(by: kept.event, tenant: tenant)
            places = try locate(kept.event, tenant: tenant, in: kept.definition, at: now).filter { place in
                if case .running(let process) = place, reached.contains(process) { return false }
                return place.takes
            }
        } catch .problem {
            places = []
        }
        guard !places.isEmpty else {
            throw .problem(Problem(.stillUnmatched, "no process takes the event \(kept.event.id)"))
        }
        try stored { () throws(StoreError) in try store.removeUnmatched(id) }
        var event = kept.event
        event.observed = nil
        let receipt = try deliver(event, tenant: tenant, to: places, at: now)
        for delivery in receipt.deliveries {
            try note(EventMove(destination: .process(delivery.handle)), of: event, tenant: tenant)
        }
        if receipt.held { try note(EventMove(destination: .hold), of: event, tenant: tenant) }
        return receipt
    }

    /// The processes whose streams have the event.
    private func processesReached(by event: Event, tenant: String) throws(EngineError) -> Set<RowHandle> {
        let store = store
        return try stored { () throws(StoreError) in
            guard let entry = try store.inboxEntry(InboxKey(tenant: tenant, event: event)) else { return [] }
            return Set(RememberedAnswer(decoding: entry.answer).deliveries.map(\.process))
        }
    }
}

extension Place {
    /// Somebody starts with the event, gets it or waits for it.
    fileprivate var takes: Bool {
        switch self {
        case .start, .running, .hold: true
        case .ended, .nowhere, .refused: false
        }
    }
}

extension UnmatchedEvent.Reason {
    /// Why a process that goes to its end offers an event to nobody; nil for one that runs.
    fileprivate init?(onTheWay status: ProcessStatus) {
        switch status {
        case .cancelling: self = .cancelling
        case .compensating: self = .compensating
        case .new, .running, .completed, .cancelled, .failed: return nil
        }
    }
}

extension EventReceipt.Delivery {
    fileprivate init(_ process: LoadedProcess) {
        let state = process.state
        self.init(
            processID: state.processID, definition: state.definition, definitionVersion: state.definitionVersion,
            key: state.key, effect: EventReceipt.Effect(version: state.version, status: state.status),
            handle: process.handle)
    }

    fileprivate init(_ process: LoadedProcess, ignored: EventReceipt.Ignored) {
        self.init(process)
        effect.ignored = ignored
    }

    /// What the process made of the event.
    fileprivate init(_ advanced: AdvancedProcess, started: Bool) {
        self.init(advanced.process)
        effect.started = started
        effect.taken = advanced.step.isTaken
        effect.queued = !started && advanced.step.state.waitingInputs.last == advanced.step.inputVersion
        effect.note(advanced.step)
        for step in advanced.continued { effect.note(step) }
    }
}

extension EventReceipt.Effect {
    fileprivate mutating func note(_ step: Step) {
        for fact in step.facts {
            switch fact {
            case .eventDeferred(let fact): if fact.eventVersion == step.inputVersion { deferred = true }
            case .incidentRaised(let raised):
                incidents += 1
                incident =
                    incident
                    ?? EventReceipt.RaisedIncident(
                        id: raised.incidentID, kind: raised.kind, message: raised.message, pointer: raised.pointer)
            default: break
            }
        }
    }
}
