import Chrono
import Engine
import ProcessManagement
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
        Case("process lists: a look goes no deeper than it is told, however many rows of others lie between") {
            fixture in
            let handles = try fixture.write {
                try (1...7).map { try fixture.insertProcess("p\($0)", tenant: $0 % 2 == 0 ? "other" : "acme") }
            }
            let reader = try fixture.store.makeReader()
            #expect(try reader.lowestProcess(ofNewest: 3, below: nil) == handles[4])
            #expect(try reader.lowestProcess(ofNewest: 3, below: handles[4]) == handles[1])
            #expect(try reader.lowestProcess(ofNewest: 3, below: handles[1]) == handles[0])
            #expect(try reader.lowestProcess(ofNewest: 3, below: handles[0]) == nil)
            #expect(try list(fixture) { $0.from = handles[3] } == [handles[6], handles[4]])
            #expect(
                try list(fixture) {
                    $0.from = handles[2]
                    $0.before = handles[6]
                } == [handles[4], handles[2]])
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
                try ["k", "l", "k", "K", "k"].enumerated().map { number, value in
                    var row = processRow("p\(number)", status: number == 4 ? .running : .completed)
                    row.key = value
                    let handle = try store.insertProcess(row)
                    // As the engine does at every start: a process holds its key, also for lists.
                    try store.addLocation(key(value), process: handle)
                    if row.status.isEnd { try store.releaseLocations([key(value)], process: handle) }
                    return handle
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
            #expect(try fixture.store.makeReader().processesWithIncidents() == 2)
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
}
