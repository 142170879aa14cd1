import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

extension ProcessStoreContract {
    static let transactions: [Case] = [
        Case("committed writes are visible to readers made before and after") { fixture in
            let before = try fixture.store.makeReader()
            let handle = try fixture.write { try fixture.insertProcess("p") }
            let after = try fixture.store.makeReader()
            #expect(try before.process(handle)?.row == processRow("p"))
            #expect(try after.process(handle)?.row == processRow("p"))
        },
        Case("the store's reads see uncommitted writes, readers do not") { fixture in
            let store = fixture.store
            let reader = try store.makeReader()
            try store.begin()
            let process = try fixture.insertProcess("p")
            let position = try fixture.append(["A"], toProcess: process, version: 1)
            let task = try fixture.insertTask("t", of: process)
            try store.addLocation(key("k"), process: process)
            #expect(try store.process(process)?.row == processRow("p"))
            #expect(try store.record(at: position)?.event.type == "A")
            #expect(try store.claimableTasks(tenant: "acme", types: ["ship"], limit: 1).map(\.handle) == [task])
            #expect(try store.locate(key("k")) == LocatedProcess(handle: process, running: true))
            #expect(try reader.process(process) == nil)
            #expect(try reader.lastPosition() == 0)
            #expect(try reader.task(UniqueID(name: "t"), tenant: "acme") == nil)
            try store.commit()
            #expect(try reader.process(process) != nil)
            #expect(try reader.lastPosition() == position)
        },
        Case("rollback leaves nothing in any table") { fixture in
            let store = fixture.store
            try store.begin()
            try fillEveryTable(fixture)
            store.rollback()
            try expectEmpty(fixture)
        },
        Case("rollback restores changed and removed rows") { fixture in
            let store = fixture.store
            let (process, task) = try fixture.write {
                let process = try fixture.insertProcess("p")
                try store.addLocation(key("k"), process: process)
                try store.insertTimer(TimerRow(id: UniqueID(name: "timer"), process: process, dueAt: .at(1)))
                try store.setSetting("s", [1])
                return (process, try fixture.insertTask("t", of: process))
            }
            try store.begin()
            try store.updateProcess(
                process, processRow("p", status: .failed), snapshot: .init(version: 1, bytes: [1]))
            try store.releaseLocations([key("k")], process: process)
            try store.removeTimer(UniqueID(name: "timer"), of: process)
            try store.setSetting("s", [2])
            try fixture.updateTask(task, "t") { $0.status = .completed }
            store.rollback()
            #expect(try store.process(process) == StoredProcess(handle: process, row: processRow("p")))
            #expect(try store.locate(key("k"))?.running == true)
            #expect(try store.timers(of: process).count == 1)
            #expect(try store.setting("s") == [1])
            #expect(try store.openTasks(of: process).map(\.row.status) == [.ready])
            #expect(try store.runningVersions(of: "order", tenant: "acme") == [1])
        },
        Case("rollback without a transaction does nothing, and a transaction can follow") { fixture in
            let handle = try fixture.write { try fixture.insertProcess("p") }
            fixture.store.rollback()
            fixture.store.rollback()
            #expect(try fixture.store.process(handle) != nil)
            try fixture.write { _ = try fixture.insertProcess("q") }
        },
        Case("a transaction goes on after a conflict or a duplicate, without the call that met it") { fixture in
            let store = fixture.store
            let process = try fixture.write {
                let process = try fixture.insertProcess("p")
                fixture.expectDuplicate("a process twice") { _ = try fixture.insertProcess("p") }
                try fixture.append(["A"], toProcess: process, version: 1)
                fixture.expectConflict("a version twice") {
                    try fixture.append(["B", "C"], toProcess: process, version: 1)
                }
                try store.setSetting("s", [1])
                return process
            }
            let reader = try store.makeReader()
            #expect(try reader.processes(ProcessQuery(tenant: "acme", limit: 10)).map(\.handle) == [process])
            #expect(try reader.processStream(process, from: 1, limit: 10).map(\.event.type) == ["A"])
            #expect(try reader.setting("s") == [1])
        },
        Case("an empty transaction commits") { fixture in
            try fixture.write {}
            try expectEmpty(fixture)
        },
        Case("transactions follow each other and keep what came before") { fixture in
            for number in 1...5 { try fixture.write { _ = try fixture.insertProcess("p\(number)") } }
            for number in 1...5 {
                #expect(try fixture.store.process(UniqueID(name: "p\(number)"), tenant: "acme") != nil)
            }
        },
        Case("reopen drops the open transaction and keeps what was committed") { fixture in
            let store = fixture.store
            let kept = try fixture.write { try fixture.insertProcess("kept") }
            try store.begin()
            let dropped = try fixture.insertProcess("dropped")
            try store.reopen()
            #expect(try store.process(kept)?.row == processRow("kept"))
            #expect(try store.process(dropped) == nil)
            #expect(try fixture.write { try fixture.insertProcess("next") } != kept)
            #expect(try store.makeReader().processes(ProcessQuery(tenant: "acme", limit: 9)).count == 2)
        },
        Case("calls after close throw closed") { fixture in
            let store = fixture.store
            try fixture.write { try fillEveryTable(fixture) }
            store.close()
            store.close()
            store.rollback()
            fixture.expectClosed("begin") { try store.begin() }
            fixture.expectClosed("reopen") { try store.reopen() }
            fixture.expectClosed("makeReader") { _ = try store.makeReader() }
            fixture.expectClosed("inboxEntry") { _ = try store.inboxEntry(.init(tenant: "", source: "", id: "")) }
            fixture.expectClosed("process") { _ = try store.process(1) }
            fixture.expectClosed("locate") { _ = try store.locate(key("k")) }
            fixture.expectClosed("processStream") { _ = try store.processStream(1, from: 1, limit: 1) }
            fixture.expectClosed("claimableTasks") {
                _ = try store.claimableTasks(tenant: "acme", types: ["ship"], limit: 1)
            }
            fixture.expectClosed("nextTimerDue") { _ = try store.nextTimerDue() }
            fixture.expectClosed("nextHeldExpiry") { _ = try store.nextHeldExpiry() }
            fixture.expectClosed("definitions") { _ = try store.definitions() }
            fixture.expectClosed("setting") { _ = try store.setting("s") }
            fixture.expectClosed("insertProcess") { _ = try fixture.insertProcess("p") }
            fixture.expectClosed("commit") { try store.commit() }
        },
        Case("what was committed outlives the store, what was not does not") { fixture in
            guard let reopen = fixture.reopen else { return }
            try fixture.write { try fillEveryTable(fixture) }
            let wanted = try contents(fixture.store)
            try fixture.store.begin()
            _ = try fixture.insertProcess("dropped")
            let next = try reopen(fixture.store)
            defer { next.close() }
            #expect(try contents(next) == wanted)
            #expect(try next.process(UniqueID(name: "dropped"), tenant: "acme") == nil)
            let nextFixture = StoreFixture(store: next, reopen: reopen)
            let position = try nextFixture.write {
                try nextFixture.append(
                    ["B"], toProcess: try nextFixture.insertProcess("later"), version: 1)
            }
            #expect(try next.record(at: position - 1)?.event.type == "step")
        },
    ]

    /// Inserts a row everywhere; the last record is of type `step`.
    static func fillEveryTable(_ fixture: StoreFixture) throws {
        let store = fixture.store
        let process = try fixture.insertProcess("p")
        try store.updateProcess(process, processRow("p"), snapshot: .init(version: 1, bytes: [1, 0, 255]))
        try store.insertInboxEntry(
            InboxEntry(contentHash: 1, answer: [1], receivedAt: .at(1)),
            for: InboxKey(tenant: "acme", source: "/tests", id: "e"))
        try store.addLocation(key("k"), process: process)
        let position = try fixture.append(["CommandIssued"], toProcess: process, version: 1)
        let task = try fixture.insertTask("t", of: process) { $0.dueAt = .at(5) }
        try store.append([event("step")], toTask: task, version: 1, at: .at(1000))
        try store.insertTimer(TimerRow(id: UniqueID(name: "timer"), process: process, dueAt: .at(5)))
        try store.insertHeld(
            HeldEvent(location: key("later"), event: event("Held"), receivedAt: .at(1), expiresAt: .at(5)))
        try store.insertUnmatched(
            UnmatchedEvent(
                tenant: "acme", event: event("Lost"), reason: .ignored, definition: nil, receivedAt: .at(1)))
        try store.insertOutbox(
            OutboxRow(
                id: UniqueID(name: "c"), process: process, command: "Notify", position: position,
                createdAt: .at(1)))
        try store.insertDefinition(
            DefinitionRow(name: "order", version: 1, content: try json(#"{"a":1}"#), createdAt: .at(1)))
        try store.setSetting("secret", [0, 1, 2])
    }

    /// All that `fillEveryTable` wrote, as it reads now.
    static func contents(_ store: any ProcessStore) throws -> [String] {
        let process = try #require(try store.process(UniqueID(name: "p"), tenant: "acme"))
        let task = try #require(try store.task(UniqueID(name: "t"), tenant: "acme"))
        let reader = try store.makeReader()
        return [
            "\(process.row)", "\(String(describing: process.snapshot))",
            "\(String(describing: try store.inboxEntry(.init(tenant: "acme", source: "/tests", id: "e"))))",
            "\(String(describing: try store.locate(key("k"))))", "\(task.row.id) \(task.row.status)",
            "\(try store.processStream(process.handle, from: 1, limit: 9).map { exactly($0.event) })",
            "\(try store.taskStream(task.handle, from: 1, limit: 9).map { exactly($0.event) })",
            "\(try store.dueTasks(at: .at(5), limit: 9).map(\.handle))",
            "\(try store.dueTimers(at: .at(5), limit: 9))",
            "\(try store.heldEvents(for: key("later")).map { exactly($0.event) })",
            "\(try reader.unmatched(tenant: "acme", after: 0, limit: 9).map { exactly($0.event) })",
            "\(try reader.outbox(of: process.handle))",
            "\(try store.definitions().map(\.content.text))",
            "\(String(describing: try store.setting("secret")))",
        ]
    }

    static func expectEmpty(_ fixture: StoreFixture) throws {
        let store = fixture.store
        let reader = try store.makeReader()
        #expect(try store.process(UniqueID(name: "p"), tenant: "acme") == nil)
        #expect(try store.inboxEntry(InboxKey(tenant: "acme", source: "/tests", id: "e")) == nil)
        #expect(try store.locate(key("k")) == nil)
        #expect(try store.runningVersions(of: "order", tenant: "acme").isEmpty)
        #expect(try store.task(UniqueID(name: "t"), tenant: "acme") == nil)
        #expect(try store.claimableTasks(tenant: "acme", types: ["ship"], limit: 9).isEmpty)
        #expect(try store.nextTaskDue() == nil)
        #expect(try store.nextTimerDue() == nil)
        #expect(try store.nextHeldExpiry() == nil)
        #expect(try store.heldEvents(for: key("later")).isEmpty)
        #expect(try store.definitions().isEmpty)
        #expect(try store.setting("secret") == nil)
        #expect(try reader.processes(ProcessQuery(tenant: "acme", limit: 9)).isEmpty)
        #expect(try reader.lastPosition() == 0)
        #expect(try reader.events(tenant: "acme", after: 0, matching: EventFilter(), limit: 9).events.isEmpty)
        #expect(try reader.unmatched(tenant: "acme", after: 0, limit: 9).isEmpty)
        #expect(try reader.queues(tenant: "acme").isEmpty)
    }
}
