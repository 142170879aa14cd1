import Engine
import HTTPServer

/// The figures in Prometheus' text format 0.0.4.
struct MetricsPage {
    private(set) var text = ""

    init(status: EngineStatus, server: HTTPStatistics?, queues: [QueueRow]) {
        let tally = status.tally
        if let server {
            counter("http_requests_total", "Requests that were read.", Int(server.requests))
            counter("http_faults_total", "Requests that were not valid HTTP.", Int(server.faults))
            gauge("http_connections", "Open connections.", Int(server.connectionsOpen))
            counter("http_connections_refused_total", "Connections over the limit.", Int(server.connectionsRefused))
        }
        counter("events_total", "Events accepted.", tally.eventsAccepted)
        counter("events_repeated_total", "Events that were known already.", tally.eventsRepeated)
        counter("events_unmatched_total", "Events that found no process.", tally.eventsUnmatched)
        counter("decisions_total", "Inputs decided.", tally.decisions)
        counter("tasks_planned_total", "Tasks planned.", tally.tasksPlanned)
        counter("tasks_claimed_total", "Attempts started.", tally.tasksClaimed)
        counter("outcomes_total", "Final outcomes taken.", tally.outcomesTaken)
        counter("attempts_failed_total", "Attempts that failed or ran out of time.", tally.attemptsFailed)
        counter("timers_fired_total", "Timers that fired.", tally.timersFired)
        counter("commits_total", "Transactions committed.", tally.commits)
        counter("commit_failures_total", "Transactions that could not be committed.", tally.commitFailures)
        histogram("commit_batch_size", "Requests that shared a commit.", tally.batchSize, scale: 1)
        histogram("commit_seconds", "Time of a commit.", tally.commitTime, scale: 1e-6)
        histogram("wake_to_claim_seconds", "From claimable to claimed.", tally.wakeToClaim, scale: 1e-3)
        gauge("mailbox_depth", "Requests waiting for the engine.", status.mailboxDepth)
        gauge("waiting_claims", "Claims waiting for a task.", status.waitingClaims)
        head("tasks", "gauge", "Tasks by type and state.")
        for queue in queues {
            for (state, count) in [("ready", queue.ready), ("leased", queue.leased), ("delayed", queue.delayed)] {
                text += "procession_tasks{task_type=\"\(Self.escape(queue.type))\",state=\"\(state)\"} \(count)\n"
            }
        }
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

    private mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram, scale: Double) {
        head(name, "histogram", help)
        var total = 0
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            total += count
            text += "procession_\(name)_bucket{le=\"\(Self.number(bound, scale))\"} \(total)\n"
        }
        text += "procession_\(name)_bucket{le=\"+Inf\"} \(histogram.count)\n"
        text += "procession_\(name)_sum \(Self.number(histogram.sum, scale))\n"
        text += "procession_\(name)_count \(histogram.count)\n"
    }

    private static func number(_ value: Int64, _ scale: Double) -> String {
        scale == 1 ? String(value) : String(Double(value) * scale)
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
