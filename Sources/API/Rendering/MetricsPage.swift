import Engine
import HTTPServer

/// The figures in Prometheus' text format 0.0.4.
struct MetricsPage {
    private(set) var text = ""

    init(
        status: EngineStatus, server: HTTPStatistics?, queues: [QueueRow], followers: Int,
        subscriptions: [(name: String, lag: Int64)]
    ) {
        let tally = status.tally
        if let server { writeServer(server) }
        counter("events_total", "Events accepted.", tally.eventsAccepted)
        counter("events_repeated_total", "Events that were known already.", tally.eventsRepeated)
        counter("events_unmatched_total", "Events that found no process.", tally.eventsUnmatched)
        counter("decisions_total", "Inputs decided.", tally.decisions)
        counter("tasks_planned_total", "Tasks planned.", tally.tasksPlanned)
        counter("tasks_claimed_total", "Attempts started.", tally.tasksClaimed)
        counter("outcomes_total", "Final outcomes taken.", tally.outcomesTaken)
        counter("attempts_failed_total", "Attempts that failed or ran out of time.", tally.attemptsFailed)
        counter("timers_fired_total", "Timers that fired.", tally.timersFired)
        counter("processes_removed_total", "Ended processes that were removed.", tally.processesRemoved)
        counter("commits_total", "Transactions committed.", tally.commits)
        counter("commit_failures_total", "Transactions that could not be committed.", tally.commitFailures)
        histogram("commit_batch_size", "Requests that shared a commit.", tally.batchSize, per: 1)
        histogram("commit_seconds", "Time of a commit.", tally.commitTime, per: 1e6)
        histogram("wake_to_claim_seconds", "From claimable to claimed.", tally.wakeToClaim, per: 1e3)
        gauge("mailbox_depth", "Requests waiting for the engine.", status.mailboxDepth)
        gauge("waiting_claims", "Claims waiting for a task.", status.waitingClaims)
        gauge("followers", "Requests that wait for events or follow them.", followers)
        write(queues)
    }

    /// Only what belongs to one tenant.
    init(queues: [QueueRow]) {
        write(queues)
    }

    private mutating func write(_ queues: [QueueRow]) {
        head("tasks", "gauge", "Open tasks by type and state.")
        for queue in queues {
            for (state, count) in [("ready", queue.ready), ("leased", queue.leased), ("delayed", queue.delayed)] {
                text += "procession_tasks{task_type=\"\(Self.escape(queue.type))\",state=\"\(state)\"} \(count)\n"
            }
        }
        head("subscription_lag", "gauge", "Positions behind the place of a subscription.")
        for (name, lag) in subscriptions {
            text += "procession_subscription_lag{subscription=\"\(Self.escape(name))\"} \(lag)\n"
        }
    }

    /// What is sent to endpoints. `webhooks` and `pending` are as of now, over all tenants.
    mutating func writeDeliveries(_ tally: EngineTally, webhooks: [WebhookStatus], pending: Int) {
        counter("deliveries_total", "Deliveries that came into being.", tally.deliveriesMade)
        head("deliveries_ended_total", "counter", "Deliveries that ended, by how.")
        for (status, count) in [
            (DeliveryStatus.delivered, tally.deliveriesDelivered), (.failed, tally.deliveriesFailed),
            (.exhausted, tally.deliveriesExhausted),
        ] {
            text += "procession_deliveries_ended_total{status=\"\(status.rawValue)\"} \(count)\n"
        }
        head("delivery_attempts_total", "counter", "Requests to endpoints, by whether they got through.")
        let succeeded = tally.deliveryAttempts - tally.deliveryAttemptsFailed
        for (result, count) in [("succeeded", succeeded), ("failed", tally.deliveryAttemptsFailed)] {
            text += "procession_delivery_attempts_total{result=\"\(result)\"} \(count)\n"
        }
        gauge("deliveries_pending", "Deliveries that wait.", pending)
        head("webhooks", "gauge", "Endpoints by status.")
        for status in WebhookStatus.allCases {
            let count = webhooks.count { $0 == status }
            text += "procession_webhooks{status=\"\(status.rawValue)\"} \(count)\n"
        }
    }

    private mutating func writeServer(_ server: HTTPStatistics) {
        head("http_requests_total", "counter", "Requests answered, by the class of the status.")
        for (index, count) in server.answers.enumerated() {
            text += "procession_http_requests_total{code=\"\(index + 1)xx\"} \(count)\n"
        }
        counter("http_faults_total", "Requests that were not valid HTTP.", server.faults)
        gauge("http_connections", "Open connections.", server.connectionsOpen)
        counter("http_connections_refused_total", "Connections over the limit.", server.connectionsRefused)
    }

    private mutating func head(_ name: String, _ kind: String, _ help: String) {
        text += "# HELP procession_\(name) \(help)\n# TYPE procession_\(name) \(kind)\n"
    }

    private mutating func counter(_ name: String, _ help: String, _ value: Int) {
        head(name, "counter", help)
        text += "procession_\(name) \(value)\n"
    }

    private mutating func gauge(_ name: String, _ help: String, _ value: Int) {
        head(name, "gauge", help)
        text += "procession_\(name) \(value)\n"
    }

    private mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram, per unit: Double) {
        head(name, "histogram", help)
        var total = 0
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            total += count
            text += "procession_\(name)_bucket{le=\"\(Self.number(bound, unit))\"} \(total)\n"
        }
        text += "procession_\(name)_bucket{le=\"+Inf\"} \(histogram.count)\n"
        text += "procession_\(name)_sum \(Self.number(histogram.sum, unit))\n"
        text += "procession_\(name)_count \(histogram.count)\n"
    }

    /// Divided, not multiplied by a fraction: 100 microseconds are 0.0001 and nothing close to it.
    private static func number(_ value: Int64, _ unit: Double) -> String {
        unit == 1 ? String(value) : String(Double(value) / unit)
    }

    private static func escape(_ label: String) -> String {
        var escaped = ""
        for scalar in label.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
