import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Synchronization
import Testing

extension ProcessStoreContract {
    static let processLists: [Case] = [
        Case("process lists: newest first, each tenant its own, up to the limit") { fixture in
            let handles = try fixture.write {
                try (1...5).map { try fixture.insertProcess("p\($0)", tenant: $0 == 3 ? "other" : "acme") }
            }
            let wanted = [handles[4], handles[3], handles[1], handles[0]]
            #expect(try list(fixture) { _ in } == wanted)
            #expect(try list(fixture) { $0.limit = 2 } == [handles[4], handles[3]])
            #expect(try list(fixture) { $0.tenant = "other" } == [handles[2]])
            #expect(try list(fixture) { $0.tenant = "nobody" } == [])
        },
        Case("process lists: a page goes on below the last handle") { fixture in
            let handles = try fixture.write { try (1...7).map { try fixture.insertProcess("p\($0)") } }
            var seen: [RowHandle] = []
            var before: RowHandle?
            while true {
                let page = try list(fixture) {
                    $0.before = before
                    $0.limit = 3
                }
                guard let last = page.last else { break }
                seen += page
                before = last
            }
            #expect(seen == handles.reversed())
        },
        Case("process lists: rows come as stored last") { fixture in
            let store = fixture.store
            var row = processRow("p")
            let handle = try fixture.write { try store.insertProcess(row) }
            row.status = .failed
            row.incidents = 2
            row.endedAt = .at(3000)
            try fixture.write { try store.updateProcess(handle, row, snapshot: nil) }
            let listed = try store.makeReader().processes(ProcessQuery(tenant: "acme", limit: 9))
            #expect(listed.map(\.row) == [row])
            #expect(listed.map(\.handle) == [handle])
        },
        Case("process lists: the filter by definition is exact") { fixture in
            let handles = try fixture.write {
                try ["order", "Order", "orders", "caf\u{E9}", "cafe\u{301}"].enumerated().map {
                    try fixture.insertProcess("p\($0)", definition: $1)
                }
            }
            #expect(try list(fixture) { $0.definition = "order" } == [handles[0]])
            #expect(try list(fixture) { $0.definition = "cafe\u{301}" } == [handles[4]])
            #expect(try list(fixture) { $0.definition = "none" } == [])
        },
        Case("process lists: the filter by status takes any of several") { fixture in
            let handles = try fixture.write {
                try ProcessStatus.allCases.map { try fixture.insertProcess("p \($0)", status: $0) }
            }
            for (status, handle) in zip(ProcessStatus.allCases, handles) {
                #expect(try list(fixture) { $0.status = [status] } == [handle], "\(status)")
            }
            #expect(
                try list(fixture) { $0.status = [.failed, .running] } == [
                    handles[ProcessStatus.allCases.firstIndex(of: .failed) ?? 0],
                    handles[ProcessStatus.allCases.firstIndex(of: .running) ?? 0],
                ])
            #expect(try list(fixture) { $0.status = [] }.count == ProcessStatus.allCases.count)
        },
        Case("process lists: the filter by key finds all processes of the key, newest first") { fixture in
            let store = fixture.store
            let handles = try fixture.write {
                try ["k", "l", "k", "K", "k"].enumerated().map { number, key in
                    var row = processRow("p\(number)", status: number == 4 ? .running : .completed)
                    row.key = key
                    return try store.insertProcess(row)
                }
            }
            #expect(try list(fixture) { $0.key = "k" } == [handles[4], handles[2], handles[0]])
            #expect(
                try list(fixture) {
                    $0.key = "k"
                    $0.before = handles[4]
                    $0.limit = 1
                } == [handles[2]])
            #expect(try list(fixture) { $0.key = "" } == [])
        },
        Case("process lists: the filters by incident and suspension take yes, no and either") { fixture in
            let store = fixture.store
            let handles = try fixture.write {
                try [(0, false), (2, false), (0, true), (1, true)].enumerated().map { number, flags in
                    var row = processRow("p\(number)")
                    (row.incidents, row.suspended) = flags
                    return try store.insertProcess(row)
                }
            }
            #expect(try list(fixture) { $0.hasIncident = true } == [handles[3], handles[1]])
            #expect(try list(fixture) { $0.hasIncident = false } == [handles[2], handles[0]])
            #expect(try list(fixture) { $0.suspended = true } == [handles[3], handles[2]])
            #expect(try list(fixture) { $0.suspended = false } == [handles[1], handles[0]])
            #expect(try list(fixture) { _ in }.count == 4)
        },
        Case("process lists: the bounds of time are strict") { fixture in
            let store = fixture.store
            let handles = try fixture.write {
                try (0..<4).map { number in
                    var row = processRow("p\(number)")
                    row.startedAt = .at(Int64(100 * number))
                    row.updatedAt = .at(Int64(10_000 - 100 * number))
                    return try store.insertProcess(row)
                }
            }
            #expect(try list(fixture) { $0.startedAfter = .at(100) } == [handles[3], handles[2]])
            #expect(try list(fixture) { $0.startedBefore = .at(100) } == [handles[0]])
            #expect(try list(fixture) { $0.updatedAfter = .at(9_900) } == [handles[0]])
            #expect(try list(fixture) { $0.updatedBefore = .at(9_900) } == [handles[3], handles[2]])
            #expect(
                try list(fixture) {
                    $0.startedAfter = .at(0)
                    $0.updatedAfter = .at(9_700)
                } == [handles[2], handles[1]])
        },
        Case("process lists: all conditions hold at once, also across pages") { fixture in
            let store = fixture.store
            let handles = try fixture.write {
                try (0..<40).map { number in
                    var row = processRow(
                        "p\(number)", definition: number % 2 == 0 ? "order" : "refund",
                        status: number % 3 == 0 ? .failed : .running)
                    row.incidents = number % 5 == 0 ? 1 : 0
                    return try store.insertProcess(row)
                }
            }
            let page = try list(fixture) {
                $0.definition = "order"
                $0.status = [.failed]
                $0.hasIncident = true
                $0.limit = 1
            }
            #expect(page == [handles[30]])
            let next = try list(fixture) {
                $0.definition = "order"
                $0.status = [.failed]
                $0.hasIncident = true
                $0.before = page[0]
                $0.limit = 5
            }
            #expect(next == [handles[0]])
        },
    ]

    private static func list(_ fixture: StoreFixture, _ change: (inout ProcessQuery) -> Void) throws -> [RowHandle] {
        var query = ProcessQuery(tenant: "acme", limit: 50)
        change(&query)
        return try fixture.store.makeReader().processes(query).map(\.handle)
    }

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
