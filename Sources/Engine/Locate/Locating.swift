import Chrono
import EventSourcing
import JSON
import ProcessManagement

extension ProcessEngine {
    /// The types and sources that are ours may not come from outside.
    func checkNotReserved(_ event: Event) throws(EngineError) {
        if ReservedNames.isReserved(type: event.type) {
            throw .problem(Problem(.eventTypeReserved, "the type '\(event.type)' is used by Procession itself"))
        }
        if let source = event.source, ReservedNames.isReserved(source: source) {
            throw .problem(Problem(.sourceReserved, "the source '\(source)' is used by Procession itself"))
        }
    }

    /// Which processes an event concerns: at most one per definition, in the order of the definitions' names.
    ///
    /// Writes nothing. Throws where the event is refused as a whole: no definition can read a key, or one wants a
    /// process and none takes the event. With `definition` it is the only one that is asked.
    func locate(
        _ event: Event, tenant: String, in definition: String? = nil, at now: Instant
    ) throws(EngineError) -> [Place] {
        let places = try places(of: event, tenant: tenant, in: definition, at: now)
        try refuseUnlessTaken(places, event)
        return places
    }

    /// The same for an event that nobody waits for an answer to: never refused.
    func places(
        of event: Event, tenant: String, in definition: String? = nil, at now: Instant
    ) throws(EngineError) -> [Place] {
        var names = registry.listening(to: event.type)
        if let definition { names.removeAll { $0 != definition } }
        if names.isEmpty { return [.nowhere(.noDefinition, definition: nil)] }
        var places: [Place] = []
        for name in names {
            if let place = try place(of: event, in: name, tenant: tenant, at: now) { places.append(place) }
        }
        return places
    }

    private func place(
        of event: Event, in name: String, tenant: String, at now: Instant
    ) throws(EngineError) -> Place? {
        guard let newest = registry.newest(name) else { return nil }
        var newestKey: LocationKey?
        var last: LocatedProcess?
        var isReadable = false
        for reader in try keyReaders(name, newest, for: event.type, tenant: tenant) {
            guard let route = reader.routes[event.type], let value = reader.key(of: event) else { continue }
            isReadable = true
            let key = LocationKey(tenant: tenant, definition: name, name: route.by ?? "", value: value)
            let store = store
            let located = try stored { () throws(StoreError) in try store.locate(key) }
            if let located, located.running { return try place(of: event, running: located.handle, newest, key) }
            if reader.version == newest.version { (newestKey, last) = (key, located) }
        }
        // Without a running process that listens to it, the newest version says what becomes of the event.
        guard let route = newest.routes[event.type] else { return .nowhere(.notInVersion, definition: name) }
        guard isReadable, let key = newestKey else { return .nowhere(.keyFailed, definition: name) }
        return place(of: event, notRunning: key, last, newest, route, at: now)
    }

    private static let keyReaderLimit = 32

    /// The newest version, and those of running processes that read the key of this event type otherwise, newest first.
    private func keyReaders(
        _ name: String, _ newest: any ManagedDefinition, for type: String, tenant: String
    ) throws(EngineError) -> [any ManagedDefinition] {
        guard registry.keysDiffer(name, for: type) else { return [newest] }
        let store = store
        let versions = try stored { () throws(StoreError) in
            try store.runningVersions(of: name, tenant: tenant)
        }
        var readers = [newest]
        for version in versions {
            // As many ways to read a key as anybody may have had; each is tried for each event.
            guard readers.count <= Self.keyReaderLimit else { break }
            guard let manager = registry.manager(name, version: version), let route = manager.routes[type] else {
                continue
            }
            if !readers.contains(where: { $0.routes[type]?.locates(like: route) == true }) {
                readers.append(manager)
            }
        }
        return readers
    }

    private func place(
        of event: Event, running process: RowHandle, _ newest: any ManagedDefinition, _ key: LocationKey
    ) throws(EngineError) -> Place {
        let state = try load(.stored(process)).state
        let manager = registry.manager(state.definition, version: state.definitionVersion)
        if let manager, manager.routes[event.type] == nil {
            return .nowhere(.notInVersion, definition: state.definition)
        }
        let isEnding = state.status == .cancelling || state.status == .compensating
        if isEnding, newest.restarts, newest.routes[event.type]?.kind == .start {
            // Kept until the end, then it starts the next process.
            return .hold(key, until: .distantFuture)
        }
        return .running(process)
    }

    private func place(
        of event: Event, notRunning key: LocationKey, _ last: LocatedProcess?, _ newest: any ManagedDefinition,
        _ route: EventRoute, at now: Instant
    ) -> Place {
        if route.kind == .start, last == nil || newest.restarts { return .start(newest, key) }
        switch (route.whenMissing, last) {
        case (.hold(let span), nil): return .hold(key, until: now + span)
        case (.hold(let span), .some) where newest.restarts: return .hold(key, until: now + span)
        case (_, .some(let last)): return .ended(last.handle, isKept: route.whenEnded == .keep)
        case (.ignore, nil): return .nowhere(.ignored, definition: newest.name)
        case (.reject, nil): return .refused(definition: newest.name, key: key.value)
        }
    }

    private func refuseUnlessTaken(_ places: [Place], _ event: Event) throws(EngineError) {
        var refusal: Problem?
        var unreadable: [String] = []
        for place in places {
            switch place {
            case .refused(let definition, let key):
                refusal =
                    refusal
                    ?? Problem(.processMissing, "no process of \(definition) has the key '\(key)' for \(event.type)")
            case .nowhere(.keyFailed, let definition): unreadable.append(definition ?? "")
            case .nowhere, .ended: break
            case .start, .running, .hold: return
            }
        }
        if let refusal { throw .problem(refusal) }
        if unreadable.count == places.count { throw .problem(keyFailed(event, unreadable)) }
    }

    private static let keyFaultLimit = 5

    /// Each definition with its newest version's reason, in a text that stays short.
    private func keyFailed(_ event: Event, _ definitions: [String]) -> Problem {
        var reasons = definitions.prefix(Self.keyFaultLimit).map { name in
            registry.newest(name)?.keyFault(of: event).map { "\(name): \($0)" } ?? name
        }
        if definitions.count > reasons.count { reasons.append("\(definitions.count - reasons.count) more") }
        return Problem(
            .keyFailed, "no definition could read a key from \(event.type): \(reasons.joined(separator: "; "))")
    }
}
