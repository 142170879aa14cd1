import EventSourcing
import JSON
import ProcessManagement

/// The first answer to an event, in a few bytes: what is the same for every answer of a process is in its row.
struct RememberedAnswer: Equatable {
    struct Delivery: Equatable {
        var process: RowHandle
        var effect: EventReceipt.Effect
        /// It came there after the answer, and is not part of it.
        var isLater = false
    }

    var held: Bool
    var unmatched: Bool
    var deliveries: [Delivery]
    /// The rows of the unmatched list that the event has, and `aHold` for each definition that holds it.
    var kept: [RowHandle] = []
    /// An earlier release wrote it, which remembered less.
    private(set) var isEarlier = false

    /// No row of the unmatched list has this number.
    static let aHold: RowHandle = 0

    init(_ receipt: EventReceipt) {
        held = receipt.held
        unmatched = receipt.unmatched
        kept = receipt.kept
        deliveries = receipt.deliveries.map { Delivery(process: $0.handle, effect: $0.effect) }
    }
}

/// Where an event comes after its first answer was given, or while it is.
struct EventMove {
    enum Destination {
        case process(RowHandle)
        /// A row of the unmatched list.
        case unmatched(RowHandle)
        case hold
    }

    let destination: Destination
    /// It was held until now.
    var endsHold = false
}

extension RememberedAnswer {
    mutating func note(_ move: EventMove) {
        if move.endsHold, let hold = kept.firstIndex(of: Self.aHold) { kept.remove(at: hold) }
        switch move.destination {
        case .process(let handle):
            let unsaid = EventReceipt.Effect(version: 0, status: .running)
            deliveries.append(Delivery(process: handle, effect: unsaid, isLater: true))
        case .unmatched(let row): kept.append(row)
        case .hold: kept.append(Self.aHold)
        }
    }
}

extension RememberedAnswer {
    /// It does not say where the event is: of one that reached no process, earlier releases did not note it.
    var isVague: Bool { deliveries.isEmpty && kept.isEmpty }

    /// Something that it is about is still stored: a process that the event reached, its hold, or its row among the
    /// unmatched.
    func isKnown(
        as key: InboxKey, unmatched: (RowHandle) throws(StoreError) -> UnmatchedEvent?,
        process: (RowHandle) throws(StoreError) -> StoredProcess?
    ) throws(StoreError) -> Bool {
        if isVague || kept.contains(Self.aHold) { return true }
        // The number of a row that is gone may have been given again.
        for handle in kept where try unmatched(handle)?.event.id == key.id { return true }
        for delivery in deliveries where delivery.effect.ignored != .ended || kept.isEmpty {
            if try process(delivery.process) != nil { return true }
        }
        return false
    }
}

// One byte of flags, of which the third says that the rest is written as follows: how many rows are kept, and their
// handles; per delivery a byte of status, two of flags, handle and version, then the incidents. Answers of earlier releases
// have one byte for status and flags together, and no rows. Numbers are LEB128.
extension RememberedAnswer {
    private static let format: UInt8 = 4

    private enum Flag {
        static let started: UInt8 = 1
        static let taken: UInt8 = 2
        static let deferred: UInt8 = 4
        static let queued: UInt8 = 8
        static let later: UInt8 = 16
        static let incident: UInt8 = 32
    }

    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + 16 * deliveries.count)
        bytes.append((held ? 1 : 0) | (unmatched ? 2 : 0) | Self.format)
        Self.append(UInt64(kept.count), to: &bytes)
        for handle in kept { Self.append(UInt64(bitPattern: handle), to: &bytes) }
        for delivery in deliveries { Self.append(delivery, to: &bytes) }
        return bytes
    }

    private static func append(_ delivery: Delivery, to bytes: inout [UInt8]) {
        let effect = delivery.effect
        bytes.append(UInt8(ProcessStatus.allCases.firstIndex(of: effect.status) ?? 0))
        bytes.append(
            UInt8(effect.ignored.flatMap { EventReceipt.Ignored.allCases.firstIndex(of: $0) }.map { $0 + 1 } ?? 0))
        var flags: UInt8 = 0
        if effect.started { flags |= Flag.started }
        if effect.taken { flags |= Flag.taken }
        if effect.deferred { flags |= Flag.deferred }
        if effect.queued { flags |= Flag.queued }
        if delivery.isLater { flags |= Flag.later }
        if effect.incident != nil { flags |= Flag.incident }
        bytes.append(flags)
        append(UInt64(bitPattern: delivery.process), to: &bytes)
        append(UInt64(bitPattern: effect.version), to: &bytes)
        guard let incident = effect.incident else { return }
        append(UInt64(effect.incidents), to: &bytes)
        bytes.append(UInt8(IncidentKind.allCases.firstIndex(of: incident.kind) ?? 0))
        for text in [incident.id.description, incident.message, incident.pointer ?? ""] {
            append(UInt64(text.utf8.count), to: &bytes)
            bytes.append(contentsOf: text.utf8)
        }
    }

    init(decoding bytes: [UInt8]) {
        let flags = bytes.first ?? 0
        held = flags & 1 != 0
        unmatched = flags & 2 != 0
        deliveries = []
        var reader = ByteReader(bytes: bytes, index: 1)
        guard flags & Self.format != 0 else {
            isEarlier = true
            while let delivery = Self.earlierDelivery(&reader) { deliveries.append(delivery) }
            return
        }
        for _ in 0..<(reader.number() ?? 0) {
            if let handle = reader.number() { kept.append(RowHandle(bitPattern: handle)) }
        }
        while let delivery = Self.delivery(&reader) { deliveries.append(delivery) }
    }

    private static func earlierDelivery(_ reader: inout ByteReader) -> Delivery? {
        guard let flags = reader.byte(), let process = reader.number(), let version = reader.number(),
            Int(flags >> 2) < ProcessStatus.allCases.count
        else { return nil }
        var effect = EventReceipt.Effect(
            version: Int64(bitPattern: version), status: ProcessStatus.allCases[Int(flags >> 2)])
        effect.started = flags & 1 != 0
        if flags & 2 != 0 { effect.ignored = .ended }
        return Delivery(process: RowHandle(bitPattern: process), effect: effect)
    }

    private static func delivery(_ reader: inout ByteReader) -> Delivery? {
        guard let status = reader.byte(), let ignored = reader.byte(), let flags = reader.byte(),
            let process = reader.number(), let version = reader.number(), Int(status) < ProcessStatus.allCases.count,
            Int(ignored) <= EventReceipt.Ignored.allCases.count
        else { return nil }
        var effect = EventReceipt.Effect(
            version: Int64(bitPattern: version), status: ProcessStatus.allCases[Int(status)])
        effect.started = flags & Flag.started != 0
        effect.ignored = ignored == 0 ? nil : EventReceipt.Ignored.allCases[Int(ignored) - 1]
        effect.taken = flags & Flag.taken != 0
        effect.deferred = flags & Flag.deferred != 0
        effect.queued = flags & Flag.queued != 0
        if flags & Flag.incident != 0 {
            guard let (incident, count) = incident(&reader) else { return nil }
            effect.incident = incident
            effect.incidents = count
        }
        return Delivery(
            process: RowHandle(bitPattern: process), effect: effect, isLater: flags & Flag.later != 0)
    }

    private static func incident(_ reader: inout ByteReader) -> (EventReceipt.RaisedIncident, count: Int)? {
        guard let count = reader.number(), let kind = reader.byte(), Int(kind) < IncidentKind.allCases.count,
            let id = reader.text().flatMap({ UniqueID($0) }), let message = reader.text(), let pointer = reader.text()
        else { return nil }
        let incident = EventReceipt.RaisedIncident(
            id: id, kind: IncidentKind.allCases[Int(kind)], message: message,
            pointer: pointer.utf8.isEmpty ? nil : pointer)
        return (incident, Int(count))
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

private struct ByteReader {
    let bytes: [UInt8]
    var index: Int

    mutating func byte() -> UInt8? {
        guard index < bytes.count else { return nil }
        defer { index += 1 }
        return bytes[index]
    }

    mutating func number() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64, let byte = byte() {
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    mutating func text() -> String? {
        guard let count = number(), count <= UInt64(bytes.count - index) else { return nil }
        defer { index += Int(count) }
        return String(decoding: bytes[index..<index + Int(count)], as: UTF8.self)
    }
}
