import Chrono
import EventSourcing
import ProcessManagement

extension ProcessEngine {
    /// The first answer, if this source and id were handled before.
    func answerOfRepeat(_ incoming: IncomingEvent) throws(EngineError) -> EventReceipt? {
        let store = store
        let key = InboxKey(incoming)
        guard let entry = try stored({ () throws(StoreError) in try store.inboxEntry(key) }) else { return nil }
        guard entry.contentHash == incoming.contentHash else {
            throw .problem(
                Problem(
                    .eventIDReused, "an event with another type or other data was posted as '\(incoming.event.id)'"))
        }
        tally.eventsRepeated += 1
        var receipt = EventReceipt(
            eventID: incoming.event.id, duplicate: true, deliveries: [], held: false, unmatched: false)
        let remembered = RememberedAnswer(decoding: entry.answer)
        receipt.held = remembered.held
        receipt.unmatched = remembered.unmatched
        for delivery in remembered.deliveries {
            guard let process = try stored({ () throws(StoreError) in try store.process(delivery.process) }) else {
                continue
            }
            receipt.deliveries.append(
                EventReceipt.Delivery(
                    processID: process.row.id, definition: process.row.definition,
                    definitionVersion: process.row.definitionVersion, key: process.row.key, version: delivery.version,
                    status: delivery.status, started: delivery.started, ignored: delivery.ignored))
        }
        return receipt
    }

    func remember(_ incoming: IncomingEvent, _ receipt: EventReceipt, at now: Instant) throws(EngineError) {
        let store = store
        var answer = RememberedAnswer(held: receipt.held, unmatched: receipt.unmatched, deliveries: [])
        for delivery in receipt.deliveries {
            answer.deliveries.append(
                .init(
                    process: delivery.handle, version: delivery.version, status: delivery.status,
                    started: delivery.started,
                    ignored: delivery.ignored))
        }
        let entry = InboxEntry(contentHash: incoming.contentHash, answer: answer.encoded, receivedAt: now)
        try stored { () throws(StoreError) in try store.insertInboxEntry(entry, for: InboxKey(incoming)) }
        tally.eventsAccepted += 1
    }
}

/// The first answer to an event, in a few bytes: what is the same for every answer of a process is in its row.
struct RememberedAnswer: Equatable {
    struct Delivery: Equatable {
        var process: RowHandle
        var version: Int64
        var status: ProcessStatus
        var started: Bool
        var ignored: Bool
    }

    var held: Bool
    var unmatched: Bool
    var deliveries: [Delivery]

    /// One byte of flags; per delivery one byte of status and flags, then handle and version as LEB128.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + 16 * deliveries.count)
        bytes.append((held ? 1 : 0) | (unmatched ? 2 : 0))
        for delivery in deliveries {
            let status = UInt8(ProcessStatus.allCases.firstIndex(of: delivery.status) ?? 0)
            bytes.append(status << 2 | (delivery.started ? 1 : 0) | (delivery.ignored ? 2 : 0))
            Self.append(UInt64(bitPattern: delivery.process), to: &bytes)
            Self.append(UInt64(bitPattern: delivery.version), to: &bytes)
        }
        return bytes
    }

    init(held: Bool, unmatched: Bool, deliveries: [Delivery]) {
        self.held = held
        self.unmatched = unmatched
        self.deliveries = deliveries
    }

    init(decoding bytes: [UInt8]) {
        held = bytes.first.map { $0 & 1 != 0 } ?? false
        unmatched = bytes.first.map { $0 & 2 != 0 } ?? false
        deliveries = []
        var index = 1
        while index < bytes.count {
            let flags = bytes[index]
            index += 1
            guard let process = Self.read(bytes, &index), let version = Self.read(bytes, &index),
                Int(flags >> 2) < ProcessStatus.allCases.count
            else { return }
            deliveries.append(
                Delivery(
                    process: RowHandle(bitPattern: process), version: Int64(bitPattern: version),
                    status: ProcessStatus.allCases[Int(flags >> 2)], started: flags & 1 != 0, ignored: flags & 2 != 0))
        }
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private static func read(_ bytes: [UInt8], _ index: inout Int) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while index < bytes.count, shift < 64 {
            let byte = bytes[index]
            index += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
