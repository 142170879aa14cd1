import JSON

/// A recorded event that machines have put off.
public struct WaitingEvent: Sendable, Equatable {
    /// Its version in the stream.
    public let version: Int64
    /// Nil where the records that put it off are of the first rules, which do not say.
    public let type: String?
    /// How many machines it waits for.
    public internal(set) var machines: Int
    /// Some machine took it, when it came or later.
    public internal(set) var taken: Bool

    public init(version: Int64, type: String?, machines: Int, taken: Bool) {
        self.version = version
        self.type = type
        self.machines = machines
        self.taken = taken
    }
}

/// What an operator put in the place of a recorded input: the data of an event, the result of an outcome.
public struct InputCorrection: Sendable, Equatable {
    /// The version of the input in the stream.
    public let version: Int64
    public let value: JSONView

    public init(version: Int64, value: JSONView) {
        self.version = version
        self.value = value
    }
}

extension ProcessState {
    /// The versions of the events that machines have put off, in increasing order: what a step may have to recall.
    public var deferredVersions: [Int64] { waitingEvents.inOrder.map(\.version).sorted() }

    mutating func putOff(_ fact: EventDeferred) {
        machines.update(fact.machineID) { $0.deferred.append(fact.eventVersion) }
        deferredCount += 1
        let version = fact.eventVersion
        var event =
            waitingEvents[version] ?? WaitingEvent(version: version, type: fact.eventType, machines: 0, taken: false)
        event.machines += 1
        if fact.taken { event.taken = true }
        waitingEvents[version] = event
    }

    mutating func endWaiting(_ fact: DeferredEventOffered) {
        let version = fact.eventVersion
        machines.update(fact.machineID) { $0.deferred.removeAll { $0 == version } }
        deferredCount -= 1
        guard var event = waitingEvents[version] else { return }
        event.machines -= 1
        // Not where the first rules put it off: snapshots of their time know nothing of it.
        if fact.result == .taken, event.type != nil { event.taken = true }
        waitingEvents[version] = event.machines > 0 ? event : nil
    }
}
