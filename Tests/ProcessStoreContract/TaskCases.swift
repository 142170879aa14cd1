import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

extension ProcessStoreContract {
    static let taskRows: [Case] = [
        Case("tasks: a new row comes back by id, for its tenant only") { fixture in
            let store = fixture.store
            let (process, task) = try fixture.write {
                let process = try fixture.insertProcess("p")
                return (process, try fixture.insertTask("t", of: process))
            }
            let wanted = StoredTask(handle: task, row: taskRow("t", of: process))
            #expect(try store.task(UniqueID(name: "t"), tenant: "acme") == wanted)
            #expect(try store.task(UniqueID(name: "t"), tenant: "other") == nil)
            #expect(try store.task(UniqueID(name: "u"), tenant: "acme") == nil)
            #expect(try store.makeReader().task(UniqueID(name: "t"), tenant: "acme") == wanted)
            #expect(try store.makeReader().task(UniqueID(name: "t"), tenant: "other") == nil)
        },
        Case("tasks: an id that is there is a duplicate and keeps its row") { fixture in
            let store = fixture.store
            let process = try fixture.write {
                let process = try fixture.insertProcess("p")
                _ = try fixture.insertTask("t", of: process)
                fixture.expectDuplicate("uncommitted") { _ = try fixture.insertTask("t", of: process, type: "pay") }
                return process
            }
            try fixture.write {
                fixture.expectDuplicate("committed") { _ = try fixture.insertTask("t", of: process, type: "pay") }
            }
            #expect(try store.openTasks(of: process).map(\.row) == [taskRow("t", of: process)])
            #expect(try store.claimableTasks(tenant: "acme", types: ["pay"], limit: 9).isEmpty)
        },
        Case("tasks: every member comes back after insertion and after an update, set and unset") { fixture in
            let store = fixture.store
            let process = try fixture.write { try fixture.insertProcess("p") }
            let full = try fullRow(of: process)
            let handle = try fixture.write { try store.insertTask(full) }
            func expectRow(_ row: TaskRow) throws {
                let stored = try store.task(full.id, tenant: full.tenant)
                #expect(stored == StoredTask(handle: handle, row: row))
                #expect(stored?.row.progress?.text == row.progress?.text)
                #expect(try store.makeReader().task(full.id, tenant: full.tenant) == stored)
            }
            try expectRow(full)
            var bare = taskRow("full", of: process, type: full.type, tenant: full.tenant)
            bare.priority = -3
            try fixture.write { try store.updateTask(handle, bare) }
            try expectRow(bare)
            try fixture.write { try store.updateTask(handle, full) }
            try expectRow(full)
            var half = full
            half.lease?.claim = nil
            half.lease?.attemptEndsAt = nil
            half.progress = .null
            try fixture.write { try store.updateTask(handle, half) }
            try expectRow(half)
        },
        Case("tasks: every status and the ends of time come back") { fixture in
            let store = fixture.store
            let process = try fixture.write { try fixture.insertProcess("p") }
            for status in TaskStatus.allCases {
                var row = taskRow("t \(status)", of: process)
                row.status = status
                row.readyAt = .at(.max)
                row.deadline = .at(.max)
                row.dueAt = .at(.min)
                let handle = try fixture.write { try store.insertTask(row) }
                #expect(try store.task(row.id, tenant: "acme") == StoredTask(handle: handle, row: row))
            }
        },
        Case("tasks: an update of a task that is not there is unknown") { fixture in
            let store = fixture.store
            try fixture.write {
                let process = try fixture.insertProcess("p")
                let task = try fixture.insertTask("t", of: process)
                fixture.expectUnknown("update") { try store.updateTask(task + 1, taskRow("u", of: process)) }
            }
            #expect(try store.task(UniqueID(name: "u"), tenant: "acme") == nil)
        },
        Case("tasks: an update changes its own task only") { fixture in
            let store = fixture.store
            let process = try fixture.write {
                let process = try fixture.insertProcess("p")
                for name in ["a", "b", "c"] { _ = try fixture.insertTask(name, of: process) }
                return process
            }
            let second = try #require(try store.task(UniqueID(name: "b"), tenant: "acme"))
            try fixture.write { try fixture.updateTask(second.handle, "b") { $0.attempt = 2 } }
            #expect(try store.openTasks(of: process).map(\.row.attempt) == [0, 2, 0])
        },
        Case("tasks: open ones of a process are those that have not ended, oldest first") { fixture in
            let store = fixture.store
            let (process, other) = try fixture.write {
                let (process, other) = (try fixture.insertProcess("p"), try fixture.insertProcess("q"))
                for status in TaskStatus.allCases {
                    _ = try fixture.insertTask("\(status)", of: process) {
                        $0.status = status
                        if status == .leased { $0.lease = lease("w") }
                    }
                    _ = try fixture.insertTask("other \(status)", of: other) { $0.status = status }
                }
                _ = try fixture.insertTask("parked", of: process) {
                    $0.parked = true
                    $0.priority = 9
                    $0.readyAt = .at(0)
                }
                return (process, other)
            }
            let wanted: [TaskStatus] = [.ready, .leased, .delayed, .ready]
            let open = try store.openTasks(of: process)
            #expect(open.map(\.row.status) == wanted)
            #expect(open.last?.row.parked == true)
            #expect(try store.makeReader().openTasks(of: process) == open)
            #expect(try store.openTasks(of: other).map(\.row.status) == [.ready, .leased, .delayed])
            let all = try store.makeReader().allTasks(of: process)
            #expect(Set(all.map(\.row.status)) == Set(TaskStatus.allCases))
            #expect(all.count == TaskStatus.allCases.count + 1)
        },
        Case("tasks: a task that ends is no longer open, one that is reopened is again") { fixture in
            let store = fixture.store
            let (process, task) = try fixture.write {
                let process = try fixture.insertProcess("p")
                return (process, try fixture.insertTask("t", of: process))
            }
            try fixture.write { try fixture.updateTask(task, "t") { $0.status = .failed } }
            #expect(try store.openTasks(of: process).isEmpty)
            #expect(try store.claimableTasks(tenant: "acme", types: ["ship"], limit: 9).isEmpty)
            try fixture.write { try fixture.updateTask(task, "t") { $0.status = .ready } }
            #expect(try store.openTasks(of: process).map(\.handle) == [task])
            #expect(try store.claimableTasks(tenant: "acme", types: ["ship"], limit: 9).map(\.handle) == [task])
        },
    ]

    private static func fullRow(of process: RowHandle) throws -> TaskRow {
        var row = taskRow("full", of: process, type: "cafe\u{301}.ship", tenant: "Ünï")
        row.status = .leased
        row.parked = true
        row.priority = 9
        row.attempt = 4
        row.attemptsBefore = 2
        row.maxAttempts = 1_000_000
        row.reopened = 3
        row.plannedAt = 1 << 50
        row.scheduledAt = .at(1_764_000_000_001)
        row.readyAt = .at(1_764_000_000_002)
        row.deadline = .at(1_764_000_000_003)
        row.dueAt = .at(1_764_000_000_004)
        row.leaseNumber = 1 << 40
        row.lease = TaskRow.Lease(
            worker: "wörker \u{1F600}", claim: "", startedAt: .at(5), expiresAt: .at(6),
            length: TimeSpan(milliseconds: 7), given: TimeSpan(milliseconds: 9), attemptEndsAt: .at(8))
        row.progress = try json(#"{"done": 1e400, "of":"é"}"#)
        row.streamVersion = 1 << 33
        row.steps = 17
        return row
    }
}
