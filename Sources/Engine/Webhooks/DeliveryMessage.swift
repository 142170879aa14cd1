import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// What an endpoint is sent: made from recorded facts, so that every attempt carries the same bytes.
public struct DeliveryMessage: Sendable, Equatable {
    /// `webhook-id`.
    public var id: DeliveryID
    /// `{type, timestamp, data}`.
    public var body: [UInt8]
    /// Of the record that it tells of.
    public var traceparent: String?
    public var tracestate: String?

    /// The message of a delivery; nil if its process is not stored any more.
    ///
    /// `type` is the command's name and `timestamp` when it was recorded. `data` is `{command_id, command, process_id,
    /// definition, key, correlation_id, payload}`; of a `CancelTask`, `payload` is `{task_id, task_type, attempt}`. That
    /// of `webhook.test` is `{webhook_id}`.
    public static func read(
        _ delivery: StoredDelivery, from reader: any ProcessReader
    ) throws(StoreError) -> DeliveryMessage? {
        try reader.snapshot { () throws(StoreError) in
            let row = delivery.row
            guard let position = row.kind.position, let process = row.kind.process else {
                guard let webhook = try reader.webhook(row.webhook) else { return nil }
                return test(row, of: webhook.row.id)
            }
            guard let record = try reader.record(at: position), let process = try reader.process(process)?.row else {
                return nil
            }
            switch row.kind {
            case .command:
                let data = record.event.data
                guard let id = data["command_id"]?.stringValue, let payload = data["payload"] else { return nil }
                return message(row, record, of: process, commandID: id) { $0.member("payload", payload) }
            case .cancelTask:
                guard let text = record.event.data["task_id"]?.stringValue, let id = UniqueID(text),
                    let task = try reader.task(id, tenant: process.tenant)?.row
                else { return nil }
                return message(row, record, of: process, commandID: record.event.id.description) { writer in
                    writer.name("payload")
                    writer.beginObject()
                    writer.member("task_id", task.id)
                    writer.member("task_type", task.type)
                    writer.member("attempt", task.attempt)
                    writer.endObject()
                }
            case .test: return nil
            }
        }
    }

    private static func message(
        _ row: DeliveryRow, _ record: RecordedEvent, of process: ProcessRow, commandID: String,
        payload: (inout JSONWriter) -> Void
    ) -> DeliveryMessage {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        writer.member("type", row.type)
        writer.member("timestamp", record.recordedAt.rfc3339)
        writer.name("data")
        writer.beginObject()
        writer.member("command_id", commandID)
        writer.member("command", row.type)
        writer.member("process_id", process.id)
        writer.member("definition", process.definition)
        writer.member("key", process.key)
        writer.name("correlation_id")
        if let correlation = record.event.correlationID { writer.value(correlation) } else { writer.null() }
        payload(&writer)
        writer.endObject()
        writer.endObject()
        return DeliveryMessage(
            id: row.id, body: writer.finish(), traceparent: record.event.traceparent,
            tracestate: record.event.tracestate)
    }

    private static func test(_ row: DeliveryRow, of webhook: WebhookID) -> DeliveryMessage {
        var writer = JSONWriter(reserving: 256)
        writer.beginObject()
        writer.member("type", row.type)
        writer.member("timestamp", row.createdAt.rfc3339)
        writer.name("data")
        writer.beginObject()
        writer.member("webhook_id", webhook)
        writer.endObject()
        writer.endObject()
        return DeliveryMessage(id: row.id, body: writer.finish(), traceparent: nil)
    }
}
