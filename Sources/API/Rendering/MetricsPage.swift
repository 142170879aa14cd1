import Chrono
import Engine
import HTTPServer

/// The figures in OpenMetrics 1.0 or in Prometheus' text format 0.0.4.
struct MetricsPage {
    /// By media type, the one we prefer first.
    enum Format: String, CaseIterable {
        case prometheus = "text/plain"
        case openMetrics = "application/openmetrics-text"

        /// OpenMetrics only for who asks for it by name.
        init(accepting accept: Accept) {
            let open = accept.namedQuality(of: Self.openMetrics.rawValue)
            self = open > 0 && open >= accept.quality(of: Self.prometheus.rawValue) ? .openMetrics : .prometheus
        }

        var contentType: String {
            switch self {
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }
    }

    /// What a tenant has.
    struct TenantFigures {
        var queues: [QueueRow]
        var subscriptions: [(name: String, lag: Int64)]
    }

    /// What is known of the service over all tenants.
    struct Figures {
        var status: EngineStatus
        var server: HTTPStatistics?
        var followers = 0
        var processesWithIncidents = 0
        var webhooks: [WebhookStatus] = []
        var pendingDeliveries = 0
        /// Nil without a log of requests.
        var droppedLines: Int?
    }

    private(set) var text = ""
    private let format: Format

    init(_ figures: Figures, _ tenant: TenantFigures, as format: Format) {
        self.format = format
        let (status, server) = (figures.status, figures.server)
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
        counter("incidents_raised_total", "Incidents raised.", tally.incidentsRaised)
        counter("incidents_resolved_total", "Incidents resolved.", tally.incidentsResolved)
        counter("commits_total", "Transactions committed.", tally.commits)
        counter("commit_failures_total", "Transactions that could not be committed.", tally.commitFailures)
        histogram("commit_batch_size", "Requests that shared a commit.", tally.batchSize, per: 1)
        histogram("commit_seconds", "Time of a commit.", tally.commitTime, per: 1e6)
        histogram("wake_to_claim_seconds", "From claimable to claimed.", tally.wakeToClaim, per: 1e3)
        if let store = status.store { write(store) }
        gauge("mailbox_depth", "Requests waiting for the engine.", status.mailboxDepth)
        gauge("waiting_claims", "Claims waiting for a task.", status.waitingClaims)
        gauge("followers", "Requests that wait for events or follow them.", figures.followers)
        gauge("processes_with_incidents", "Processes with an open incident.", figures.processesWithIncidents)
        counter("log_lines_dropped_total", "Lines of the log that nobody took in time.", figures.droppedLines ?? 0)
        writeDeliveries(tally, webhooks: figures.webhooks, pending: figures.pendingDeliveries)
        write(tenant)
    }

    /// Only what belongs to one tenant.
    init(_ tenant: TenantFigures, as format: Format) {
        self.format = format
        write(tenant)
    }

    private mutating func write(_ tenant: TenantFigures) {
        head("tasks", "gauge", "Open tasks by type and state.")
        for queue in tenant.queues {
            for (state, count) in [("ready", queue.ready), ("leased", queue.leased), ("delayed", queue.delayed)] {
                text += "procession_tasks{task_type=\"\(Self.escape(queue.type))\",state=\"\(state)\"} \(count)\n"
            }
        }
        head("subscription_lag", "gauge", "Positions behind the place of a subscription.")
        for (name, lag) in tenant.subscriptions {
            text += "procession_subscription_lag{subscription=\"\(Self.escape(name))\"} \(lag)\n"
        }
        if format == .openMetrics { text += "# EOF\n" }
    }

    private mutating func write(_ store: StoreCondition) {
        counter("checkpoint_failures_total", "Checkpoints that failed.", store.checkpointFailures)
        gauge("wal_bytes", "Size of the write-ahead log.", Int(store.logBytes))
        gauge(
            "last_checkpoint_timestamp_seconds", "When a checkpoint last ended well, or the store was opened.",
            Int(store.lastCheckpoint.milliseconds / 1000))
    }

    /// What is sent to endpoints. `webhooks` and `pending` are as of now, over all tenants.
    private mutating func writeDeliveries(_ tally: EngineTally, webhooks: [WebhookStatus], pending: Int) {
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
        let durations = server.durations
        histogram(
            "http_request_seconds", "From a whole request to its answer; long polls and streams do not count.",
            bounds: HTTPDurations.bounds, counts: durations.counts, sum: durations.sum, per: 1e6)
        counter("http_faults_total", "Requests that were not valid HTTP.", server.faults)
        gauge("http_connections", "Open connections.", server.connectionsOpen)
        counter("http_connections_refused_total", "Connections over the limit.", server.connectionsRefused)
        counter(
            "http_memory_cuts_total", "Connections closed because they held the most while memory was short.",
            server.memoryCuts)
        counter(
            "http_memory_refusals_total", "Requests answered 503 because memory was short.", server.memoryRefusals)
        gauge("http_request_bytes", "What requests hold in memory.", server.requestBytes)
        gauge("http_answer_bytes", "What answers that nobody has read yet hold in memory.", server.answerBytes)
    }

    /// OpenMetrics names a family of counters without the ending of its samples, and its unit if it has one.
    private mutating func head(_ name: String, _ kind: String, _ help: String) {
        switch format {
        case .prometheus: text += "# HELP procession_\(name) \(help)\n# TYPE procession_\(name) \(kind)\n"
        case .openMetrics:
            let family = kind == "counter" && name.hasSuffix("_total") ? String(name.dropLast(6)) : name
            text += "# TYPE procession_\(family) \(kind)\n"
            if family.hasSuffix("_seconds") { text += "# UNIT procession_\(family) seconds\n" }
            text += "# HELP procession_\(family) \(help)\n"
        }
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
        self.histogram(
            name, help, bounds: histogram.bounds, counts: histogram.counts, sum: histogram.sum, per: unit)
    }

    /// `counts` has one more than `bounds`, for what is above the last.
    private mutating func histogram(
        _ name: String, _ help: String, bounds: [Int64], counts: [Int], sum: Int64, per unit: Double
    ) {
        head(name, "histogram", help)
        var total = 0
        for (bound, count) in zip(bounds, counts) {
            total += count
            text += "procession_\(name)_bucket{le=\"\(self.bound(bound, unit))\"} \(total)\n"
        }
        total += counts.last ?? 0
        text += "procession_\(name)_bucket{le=\"+Inf\"} \(total)\n"
        text += "procession_\(name)_sum \(Self.number(sum, unit))\n"
        text += "procession_\(name)_count \(total)\n"
    }

    /// OpenMetrics wants bounds to be written as the floating-point numbers they are.
    private func bound(_ value: Int64, _ unit: Double) -> String {
        format == .openMetrics ? String(Double(value) / unit) : Self.number(value, unit)
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
