import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON
import ProcessManagement

extension JSONWriter {
    /// An endpoint, with its secret where a request just made one.
    mutating func webhook(_ row: WebhookRow, secret: [UInt8]? = nil) {
        beginObject()
        member("id", row.id)
        if let secret { member("secret", "whsec_" + Base64.encode(secret)) }
        member("status", row.status.rawValue)
        optional("disabled_reason", row.disabledReason?.rawValue)
        row.configuration.write(to: &self)
        optional("failing_since", row.failingSince?.rfc3339)
        optional("previous_secret_expires_at", row.previousSecret?.expiresAt.rfc3339)
        member("version", row.version)
        member("created_at", row.createdAt.rfc3339)
        member("updated_at", row.updatedAt.rfc3339)
        endObject()
    }

    mutating func delivery(_ row: DeliveryRow, of webhook: WebhookID, process: ProcessID?) {
        beginObject()
        members(of: row, webhook, process)
        endObject()
    }

    mutating func delivery(
        _ row: DeliveryRow, of webhook: WebhookID, process: ProcessID?, attempts: [DeliveryAttempt]
    ) {
        beginObject()
        members(of: row, webhook, process)
        list("attempts", attempts) { $0.attempt($1) }
        endObject()
    }

    private mutating func members(of row: DeliveryRow, _ webhook: WebhookID, _ process: ProcessID?) {
        member("id", row.id)
        member("webhook_id", webhook)
        member("type", row.type)
        if let process { member("process_id", process) }
        member("status", row.status.rawValue)
        member("attempt_count", row.attempts)
        member("created_at", row.createdAt.rfc3339)
        optional("next_attempt_at", row.nextAttemptAt?.rfc3339)
        optional("ended_at", row.endedAt?.rfc3339)
    }

    private mutating func attempt(_ attempt: DeliveryAttempt) {
        beginObject()
        member("started_at", attempt.startedAt.rfc3339)
        member("duration_ms", attempt.duration.milliseconds)
        if let status = attempt.status { member("status", status) }
        optional("error", attempt.error)
        // Whatever the receiver sent, a text is shown.
        member("answer", String(decoding: attempt.answer, as: UTF8.self))
        endObject()
    }
}

extension HTTPResponse {
    /// An endpoint with the version that `If-Match` wants to see.
    static func webhook(_ receipt: WebhookReceipt, status: Int = 200) -> HTTPResponse {
        var response = answer(status: status) { $0.webhook(receipt.row, secret: receipt.secret) }
        response.fields.append(("ETag", "\"\(receipt.row.entityTag)\""))
        return response
    }
}
