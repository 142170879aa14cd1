import Chrono
import Engine
import EventSourcing
import ProcessManagement
import Testing

extension StoreFixture {
    /// An ended process with everything that can belong to one.
    fileprivate func insertEnded(_ name: String, at end: Int64 = 1000, key: String? = nil) throws -> RowHandle {
        var row = processRow(name, status: .completed)
        row.endedAt = .at(end)
        row.key = key ?? name
        let process = try store.insertProcess(row)
        let location = LocationKey(tenant: "acme", definition: "order", value: row.key)
        try store.addLocation(location, process: process)
        try store.releaseLocations([location], process: process)
        try append(["A", "B"], toProcess: process, version: 1)
        let task = try insertTask("task of \(name)", of: process) { $0.status = .completed }
        try store.append([event("AttemptStarted")], toTask: task, version: 1, at: .at(1000))
        _ = try store.append([event("Said")], publishedBy: process, at: .at(1000))
        try store.insertTimer(
            TimerRow(id: UniqueID(name: "timer of \(name)"), process: process, dueAt: .at(9000), parked: false))
        try store.insertOutbox(
            OutboxRow(
                id: UniqueID(name: "command of \(name)"), process: process, command: "Notify", position: 1,
                createdAt: .at(1)))
        return process
    }
}

extension ProcessStoreContract {
    static let retention: [Case] = [
        Case("retention: processes that have ended come by their end, of all tenants") { fixture in
            let store = fixture.store
            #expect(try store.earliestEnd() == nil)
            let handles = try fixture.write {
                _ = try fixture.insertProcess("running")
                return try ([("a", 3000), ("b", 1000), ("c", 2000)] as [(String, Int64)]).map { name, end in
                    var row = processRow(name, tenant: name, status: .failed)
                    row.endedAt = .at(end)
                    return try store.insertProcess(row)
                }
            }
            #expect(try store.earliestEnd() == .at(1000))
            #expect(try store.endedProcesses(through: .at(999), limit: 9).isEmpty)
            #expect(try store.endedProcesses(through: .at(2000), limit: 9) == [handles[1], handles[2]])
            #expect(try store.endedProcesses(through: .at(9000), limit: 1) == [handles[1]])
        },
        Case("retention: a process that ends later is found by its end") { fixture in
            let store = fixture.store
            let process = try fixture.write { try fixture.insertProcess("p") }
            var row = processRow("p", status: .cancelled)
            row.endedAt = .at(7000)
            try fixture.write { try store.updateProcess(process, row, snapshot: nil) }
            #expect(try store.endedProcesses(through: .at(7000), limit: 9) == [process])
        },
        Case("retention: a removed process is in no read, and others are as they were") { fixture in
            let store = fixture.store
            let (first, second) = try fixture.write { (try fixture.insertEnded("a"), try fixture.insertEnded("b")) }
            let last = try store.lastPosition()
            try fixture.write { try store.removeProcess(first) }
            let reader = try store.makeReader()
            #expect(try store.process(first) == nil)
            #expect(try reader.process(UniqueID(name: "a"), tenant: "acme") == nil)
            #expect(try reader.processes(ProcessQuery(tenant: "acme", limit: 9)).map(\.handle) == [second])
            #expect(try reader.processStream(first, from: 1, limit: 9).isEmpty)
            #expect(try reader.publishedStream(first, from: 1, limit: 9).isEmpty)
            #expect(try reader.task(UniqueID(name: "task of a"), tenant: "acme") == nil)
            #expect(try reader.allTasks(of: first).isEmpty)
            #expect(try reader.timers(of: first).isEmpty)
            #expect(try reader.locations(of: first).isEmpty)
            #expect(try reader.outbox(of: first).isEmpty)
            #expect(try store.locate(key("a")) == nil)
            #expect(try store.nextTimerDue() == .at(9000))
            #expect(try reader.record(at: 1) == nil)
            let page = try reader.events(tenant: "acme", after: 0, matching: EventFilter(), limit: 100)
            #expect(page.events.map(\.position) == [5, 6, 7, 8] && page.next == last)
            #expect(try reader.allTasks(of: second).count == 1)
            #expect(try reader.outbox(of: second).count == 1)
            #expect(try store.locate(key("b"))?.handle == second)
            #expect(try store.endedProcesses(through: .at(9000), limit: 9) == [second])
            // Again nothing happens.
            try fixture.write { try store.removeProcess(first) }
        },
        Case("retention: records of removed processes are purged in pieces") { fixture in
            let store = fixture.store
            let process = try fixture.write { try fixture.insertEnded("a") }
            #expect(try !store.hasRemovedRecords())
            try fixture.write { try store.removeProcess(process) }
            #expect(try store.hasRemovedRecords())
            var purged: [RemovedRecord] = []
            while true {
                let piece = try fixture.write { try store.purgeRecords(limit: 3) }
                purged += piece
                #expect(piece.count <= 3)
                if piece.count < 3 { break }
            }
            #expect(purged.map(\.position).sorted() == [1, 2, 3, 4])
            #expect(
                Set(purged.map(\.eventID.description)) == ["id of A", "id of B", "id of AttemptStarted", "id of Said"])
            #expect(purged.allSatisfy { $0.tenant == "acme" && $0.source == "/tests" })
            #expect(try !store.hasRemovedRecords())
            #expect(try fixture.write { try store.purgeRecords(limit: 3) }.isEmpty)
            let page = try store.makeReader().events(tenant: "acme", after: 0, matching: EventFilter(), limit: 100)
            #expect(page.events.isEmpty && page.next == 4)
        },
        Case("retention: no position and no handle is given again, also if the newest were removed") { fixture in
            let store = fixture.store
            let first = try fixture.write { try fixture.insertEnded("a") }
            let task = try #require(try store.task(UniqueID(name: "task of a"), tenant: "acme")).handle
            try fixture.write {
                try store.removeProcess(first)
                _ = try store.purgeRecords(limit: 100)
            }
            #expect(try store.lastPosition() == 4)
            let second = try fixture.write { try fixture.insertEnded("a") }
            #expect(second > first)
            #expect(try #require(try store.task(UniqueID(name: "task of a"), tenant: "acme")).handle > task)
            let records = try store.processStream(second, from: 1, limit: 9)
            #expect(records.map(\.position) == [5, 6] && records.map(\.version) == [1, 2])
        },
        Case("retention: a key belongs again to the process that had it before the removed one") { fixture in
            let store = fixture.store
            let (first, second) = try fixture.write {
                (try fixture.insertEnded("a", key: "k"), try fixture.insertEnded("b", key: "k"))
            }
            #expect(try store.locate(key("k"))?.handle == second)
            try fixture.write { try store.removeProcess(second) }
            #expect(try store.locate(key("k")) == LocatedProcess(handle: first, running: false))
            try fixture.write { try store.removeProcess(first) }
            #expect(try store.locate(key("k")) == nil)
        },
        Case("retention: a rolled back removal leaves everything as it was") { fixture in
            let store = fixture.store
            let process = try fixture.write { try fixture.insertEnded("a") }
            try store.begin()
            try store.removeProcess(process)
            _ = try store.purgeRecords(limit: 2)
            store.rollback()
            #expect(try store.process(process) != nil)
            #expect(try store.processStream(process, from: 1, limit: 9).count == 2)
            #expect(try store.locate(key("a"))?.handle == process)
            #expect(try !store.hasRemovedRecords())
        },
        Case("retention: what is still to be purged outlives the store") { fixture in
            guard let reopen = fixture.reopen else { return }
            let process = try fixture.write { try fixture.insertEnded("a") }
            try fixture.write { try fixture.store.removeProcess(process) }
            let again = try reopen(fixture.store)
            defer { again.close() }
            #expect(try again.hasRemovedRecords())
            #expect(try again.lastPosition() == 4)
            try again.begin()
            #expect(try again.purgeRecords(limit: 9).count == 4)
            #expect(try again.insertProcess(processRow("b")) > process)
            try again.commit()
        },
        Case("retention: inbox entries are removed by key, and by age in a sweep of pieces") { fixture in
            let store = fixture.store
            func key(_ number: Int) -> InboxKey {
                InboxKey(
                    tenant: number.isMultiple(of: 2) ? "acme" : "other", source: "s\(number % 3)",
                    id: number.isMultiple(of: 4) ? UniqueID(name: "\(number)").description : "e\(number)")
            }
            try fixture.write {
                for number in 1...20 {
                    try store.insertInboxEntry(
                        InboxEntry(contentHash: 1, answer: [], receivedAt: .at(Int64(number))), for: key(number))
                }
                try store.removeInboxEntry(key(20))
                try store.removeInboxEntry(InboxKey(tenant: "acme", source: "s0", id: "nothing"))
            }
            #expect(try store.inboxEntry(key(20)) == nil)
            var place: InboxKey?
            var pieces = 0
            repeat {
                place = try fixture.write { try store.pruneInbox(through: .at(10), after: place, limit: 4) }
                pieces += 1
            } while place != nil && pieces < 100
            #expect(pieces < 100)
            for number in 1...19 {
                #expect((try store.inboxEntry(key(number)) != nil) == (number > 10), "\(number)")
            }
        },
        Case("retention: unmatched events of all tenants come as they were listed") { fixture in
            let store = fixture.store
            try fixture.write {
                for (number, tenant) in ["acme", "other", "acme"].enumerated() {
                    try store.insertUnmatched(
                        UnmatchedEvent(
                            tenant: tenant, event: event("T", id: "e\(number)"), reason: .ignored, definition: nil,
                            receivedAt: .at(Int64(number))))
                }
            }
            let oldest = try store.oldestUnmatched(limit: 2)
            #expect(oldest.map(\.tenant) == ["acme", "other"] && oldest.map(\.event.id.description) == ["e0", "e1"])
            try fixture.write { try store.removeUnmatched(oldest[0].handle) }
            #expect(try store.oldestUnmatched(limit: 9).map(\.event.id.description) == ["e1", "e2"])
        },
    ]
}
