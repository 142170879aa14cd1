import EventSourcing
import ProcessManagement

extension StoreVerifier {
    private static let pageSize = 500

    /// One endpoint's deliveries of one process.
    private struct Lane: Hashable {
        let webhook: RowHandle
        let process: RowHandle
    }

    /// Every delivery and every undelivered command has to follow from a record, and nothing may wait without reason.
    func verifyOutgoing(tenant: String) throws(StoreError) -> String? {
        if let difference = try verifyOutbox(tenant: tenant) { return difference }
        return try verifyDeliveries(tenant: tenant)
    }

    private func verifyOutbox(tenant: String) throws(StoreError) -> String? {
        var after: RowHandle = 0
        while true {
            let page = try reader.undeliveredCommands(after: after, limit: Self.pageSize)
            guard let last = page.last else { return nil }
            after = last.handle
            for command in page {
                guard let process = try reader.process(command.row.process), process.row.tenant == tenant else {
                    continue
                }
                guard let record = try reader.record(at: command.row.position),
                    case .commandIssued(let issued)? = fact(record, of: process.row),
                    issued.commandID == command.row.id,
                    issued.command == command.row.command
                else { return "the undelivered command \(command.row.id) is not what its process issued" }
            }
        }
    }

    private func verifyDeliveries(tenant: String) throws(StoreError) -> String? {
        var after: RowHandle = 0
        var waiting: Set<Lane> = []
        while true {
            let page = try reader.allDeliveries(after: after, limit: Self.pageSize)
            guard let last = page.last else { return nil }
            after = last.handle
            for delivery in page {
                guard let webhook = try reader.webhook(delivery.row.webhook) else {
                    return "delivery \(delivery.row.id): its webhook is not stored"
                }
                guard webhook.row.tenant == tenant else { continue }
                if let difference = try compare(delivery.row, &waiting) {
                    return "delivery \(delivery.row.id): \(difference)"
                }
            }
        }
    }

    private func compare(_ row: DeliveryRow, _ waiting: inout Set<Lane>) throws(StoreError) -> String? {
        if row.status.isEnd != (row.endedAt != nil) { return "its status and its end do not agree" }
        if row.status.isEnd, row.nextAttemptAt != nil { return "it has ended and is still due" }
        guard let handle = row.kind.process else {
            return row.status == .pending && row.nextAttemptAt == nil ? "it waits for nothing" : nil
        }
        if row.status == .pending {
            let isFirst = waiting.insert(Lane(webhook: row.webhook, process: handle)).inserted
            if isFirst, row.nextAttemptAt == nil { return "it waits for nothing" }
        }
        // A process that was deleted leaves its deliveries; its handle may be another one's now.
        guard let process = try reader.process(handle)?.row, let position = row.kind.position,
            let record = try reader.record(at: position)
        else { return nil }
        switch (row.kind, fact(record, of: process)) {
        case (.command, .commandIssued(let issued)?): return issued.command == row.type ? nil : "it is of another type"
        case (.cancelTask, .taskCancelled?): return nil
        default: return "its process recorded nothing like it"
        }
    }

    private func fact(_ record: RecordedEvent, of process: ProcessRow) -> Fact? {
        guard record.stream == .process(process.id, of: process.definition),
            case .fact(let fact)? = try? ProcessRecord(record.event)
        else { return nil }
        return fact
    }
}
