import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Synchronization
import Testing

extension ProcessStoreContract {
    static let readers: [Case] = [
        Case("queues: counts by type and status, in the order of types; ended and parked ones do not count") {
            fixture in
            let store = fixture.store
            try fixture.write {
                let process = try fixture.insertProcess("p")
                for (name, type, status, parked, readyAt): (String, String, TaskStatus, Bool, Int64) in [
                    ("a", "ship", .ready, false, 500), ("b", "ship", .ready, false, 300),
                    ("c", "ship", .ready, true, 100), ("d", "ship", .leased, false, 50),
                    ("e", "ship", .delayed, false, 40), ("f", "ship", .delayed, false, 30),
                    ("g", "ship", .completed, false, 20), ("h", "pay", .leased, false, 10),
                    ("i", "ended", .failed, false, 10), ("j", "parked", .ready, true, 10),
                ] {
                    _ = try fixture.insertTask(name, of: process, type: type) {
                        $0.status = status
                        $0.parked = parked
                        $0.readyAt = .at(readyAt)
                        $0.priority = name == "a" ? 9 : 0
                        if status == .leased { $0.lease = lease("w") }
                    }
                }
                _ = try fixture.insertTask("x", of: process, type: "ship", tenant: "other")
            }
            let reader = try store.makeReader()
            #expect(
                try reader.queues(tenant: "acme") == [
                    QueueRow(type: "pay", ready: 0, leased: 1, delayed: 0, oldestReadyAt: nil),
                    QueueRow(type: "ship", ready: 2, leased: 1, delayed: 2, oldestReadyAt: .at(300)),
                ])
            #expect(try reader.queues(tenant: "other").map(\.ready) == [1])
            #expect(try reader.queues(tenant: "nobody").isEmpty)
        },
        Case("queues: follow every change of a task") { fixture in
            let store = fixture.store
            let reader = try store.makeReader()
            let task = try fixture.write { try fixture.insertTask("t", of: try fixture.insertProcess("p")) }
            func counts() throws -> [[Int]] {
                try reader.queues(tenant: "acme").map { [$0.ready, $0.leased, $0.delayed] }
            }
            #expect(try counts() == [[1, 0, 0]])
            for (status, parked, wanted): (TaskStatus, Bool, [[Int]]) in [
                (.leased, false, [[0, 1, 0]]), (.delayed, false, [[0, 0, 1]]), (.ready, true, []),
                (.ready, false, [[1, 0, 0]]), (.cancelled, false, []),
            ] {
                try fixture.write {
                    try fixture.updateTask(task, "t") {
                        $0.status = status
                        $0.parked = parked
                        $0.lease = status == .leased ? lease("w") : nil
                    }
                }
                #expect(try counts() == wanted, "\(status)")
            }
        },
        Case("snapshots: several queries see one state while the writer commits") { fixture in
            let store = fixture.store
            let process = try fixture.write {
                let process = try fixture.insertProcess("p")
                try fixture.append(["A"], toProcess: process, version: 1)
                return process
            }
            let reader = try store.makeReader()
            let before = try reader.lastPosition()
            try snapshot(reader) {
                #expect(try reader.lastPosition() == before)
                var row = processRow("p")
                row.version = 2
                try fixture.write {
                    try fixture.append(["B"], toProcess: process, version: 2)
                    try store.updateProcess(process, row, snapshot: nil)
                    _ = try fixture.insertProcess("q")
                }
                #expect(try reader.lastPosition() == before)
                #expect(try reader.process(process)?.row.version == 0)
                #expect(try reader.processStream(process, from: 1, limit: 9).map(\.event.type) == ["A"])
                #expect(try reader.process(UniqueID(name: "q"), tenant: "acme") == nil)
                // Another reader is not held back.
                #expect(try store.makeReader().lastPosition() > before)
                let within = try reader.snapshot { () throws(StoreError) in try reader.lastPosition() }
                #expect(within == before)
                #expect(try reader.lastPosition() == before)
            }
            #expect(try reader.lastPosition() > before)
            #expect(try reader.process(process)?.row.version == 2)
        },
        Case("snapshots: return what the body returns, and end when it throws") { fixture in
            let store = fixture.store
            let reader = try store.makeReader()
            let process = try fixture.write { try fixture.insertProcess("p") }
            let found = try reader.snapshot { () throws(StoreError) in try reader.process(process)?.row.key }
            #expect(found == "p")
            #expect(throws: StoreError.unknown("mine")) {
                try reader.snapshot { () throws(StoreError) in
                    _ = try reader.lastPosition()
                    throw .unknown("mine")
                }
            }
            let next = try fixture.write { try fixture.insertProcess("q") }
            #expect(try reader.process(next) != nil)
            let seen = try reader.snapshot { () throws(StoreError) in try reader.process(next) != nil }
            #expect(seen)
        },
        Case("readers: on another thread, while the writer commits, every snapshot is of one commit") { fixture in
            let store = fixture.store
            let process = try fixture.write { try fixture.insertProcess("p") }
            let commits: Int64 = 60
            // Handed to the other thread whole: this one does not touch it again.
            nonisolated(unsafe) let reader = try store.makeReader()
            let outcome = ReaderOutcome()
            let thread = BackgroundThread {
                outcome.finish(with: readUntilTheEnd(reader, process: process, commits: commits, outcome))
            }
            defer {
                outcome.stop()
                thread.join()
            }
            for version in 1...commits {
                try fixture.write {
                    try fixture.append(["A"], toProcess: process, version: version)
                    var row = processRow("p")
                    row.version = version
                    try store.updateProcess(process, row, snapshot: nil)
                }
            }
            thread.join()
            #expect(outcome.failure == nil)
        },
    ]

    /// Reads snapshots until the last commit is seen; the answer says what was wrong.
    private static func readUntilTheEnd(
        _ reader: any ProcessReader, process: RowHandle, commits: Int64, _ outcome: ReaderOutcome
    ) -> String? {
        var last: Int64 = 0
        while last < commits, !outcome.isStopped {
            do throws(StoreError) {
                let seen = try reader.snapshot { () throws(StoreError) in
                    let version = try reader.process(process)?.row.version ?? -1
                    let records = try reader.processStream(process, from: 1, limit: .max)
                    return (version, Int64(records.count), records.last?.position ?? 0, try reader.lastPosition())
                }
                guard seen.0 == seen.1, seen.2 == seen.3 else { return "torn: \(seen)" }
                guard seen.0 >= last else { return "went back from \(last) to \(seen.0)" }
                last = seen.0
            } catch {
                return "\(error)"
            }
        }
        return nil
    }

    /// The cases throw anything, the port's views only its own errors.
    private static func snapshot(_ reader: any ProcessReader, _ body: () throws -> Void) throws {
        let result = try reader.snapshot { Result { try body() } }
        try result.get()
    }
}

/// What the reading thread and the test tell each other.
private final class ReaderOutcome: Sendable {
    private let state = Mutex<(stopped: Bool, failure: String?)>((false, nil))

    var isStopped: Bool { state.withLock { $0.stopped } }
    var failure: String? { state.withLock { $0.failure } }

    func stop() { state.withLock { $0.stopped = true } }
    func finish(with failure: String?) { state.withLock { $0.failure = failure } }
}
