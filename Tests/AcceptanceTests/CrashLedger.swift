import Foundation
import JSON
import Synchronization

/// A producer and workers that outlive their service, and what it acknowledged to them.
final class CrashLedger: Sendable {
    struct Record: Sendable {
        /// The number of each acknowledged event, and the process it reached.
        var events: [Int: String] = [:]
        /// Tasks whose outcome was acknowledged.
        var outcomes: Set<String> = []
        /// Calls that a kill cut off.
        var retries = 0
        /// Acknowledged only when repeated: the service had it, the answer was lost.
        var repeats = 0
        /// Answers that no kill explains.
        var surprises: [String] = []
        var producerIsDone = false
        var workersDone = 0

        fileprivate var port = 0
        fileprivate var mayProduce = true
        fileprivate var mayWork = true
    }

    private let state = Mutex(Record())
    private let changed = NSCondition()
    /// Longer than any step of the test takes; whoever waits for it in vain has found a fault.
    private static let patience: TimeInterval = 30
    /// So many events ahead of the workers the producer waits.
    private static let lead = 25

    var record: Record { state.withLock { $0 } }

    /// Where the service listens from now on.
    func open(_ port: Int) { update { $0.port = port } }
    func endProducing() { update { $0.mayProduce = false } }
    func endWorking() { update { $0.mayWork = false } }

    /// Waits until the record is so; false when that takes too long.
    func wait(for time: TimeInterval = patience, until isSo: (Record) -> Bool) -> Bool {
        let limit = Date(timeIntervalSinceNow: time)
        changed.lock()
        defer { changed.unlock() }
        while !isSo(record) {
            if !changed.wait(until: limit) { return isSo(record) }
        }
        return true
    }

    private func update(_ change: (inout Record) -> Void) {
        changed.lock()
        defer { changed.unlock() }
        state.withLock { change(&$0) }
        changed.broadcast()
    }

    static func order(_ number: Int) -> JSONValue {
        [
            "id": .string("e\(number)"), "type": "OrderPlaced",
            "data": ["order_id": .string("o\(number)"), "total": 40],
        ]
    }

    /// Places one order after the other, each until it is acknowledged.
    func produce() {
        var number = 0
        while record.mayProduce {
            number += 1
            let (status, body) = insist("POST", "/events", Self.order(number))
            if status == 200, let process = body["processes"]?[0]?["process_id"]?.stringValue {
                update {
                    $0.events[number] = process
                    if body["duplicate"] == true { $0.repeats += 1 }
                }
            } else {
                update { $0.surprises.append("event \(number): \(status) \(body.text)") }
            }
            _ = wait { !$0.mayProduce || $0.outcomes.count / 2 + Self.lead > $0.events.count }
        }
        update { $0.producerIsDone = true }
    }

    /// Takes tasks and completes them.
    func work(as worker: String) {
        var claim = 0
        while record.mayWork {
            claim += 1
            // The same claim asked again brings the tasks whose answer was lost.
            let (status, body) = insist(
                "GET",
                "/tasks?type=charge-card,book-courier&limit=3&wait=200ms&lease=5s&worker=\(worker)"
                    + "&claim=\(worker)-\(claim)")
            if status != 200 { update { $0.surprises.append("claim: \(status) \(body.text)") } }
            for task in body["tasks"]?.arrayValue ?? [] { complete(task) }
        }
        update { $0.workersDone += 1 }
    }

    private func complete(_ task: JSONValue) {
        let id = task["task_id"]?.stringValue ?? ""
        let key = task["key"]?.stringValue ?? ""
        let result: JSONValue =
            task["task_type"] == "charge-card"
            ? ["payment_id": .string("payment-\(key)")] : ["tracking": .string("parcel-\(key)")]
        let (status, body) = insist(
            "POST", "/tasks/\(id)/outcome",
            ["lease_token": task["lease"]?["token"] ?? "", "outcome": "completed", "result": result])
        switch (status, body["code"]?.stringValue) {
        case (200, _):
            update {
                $0.outcomes.insert(id)
                if body["duplicate"] == true { $0.repeats += 1 }
            }
        case (409, "lease_lost"), (409, "task_ended"): break
        default: update { $0.surprises.append("outcome of \(id): \(status) \(body.text)") }
        }
    }

    /// One call, repeated over every kill until there is an answer.
    private func insist(_ method: String, _ target: String, _ body: JSONValue? = nil) -> (status: Int, body: JSONValue)
    {
        while true {
            let port = record.port
            if let answer = try? SocketClient.call(port, method, target, body?.bytes),
                let body = try? JSONValue(parsing: answer.body)
            {
                return (answer.status, body)
            }
            update { $0.retries += 1 }
            // The next service is on another port; a call cut off without a kill is simply repeated.
            _ = wait(for: 2) { $0.port != port }
        }
    }
}
