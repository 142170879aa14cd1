import Chrono
import Engine
import EventSourcing
import ProcessManagement
import Testing

extension ProcessStoreContract {
    static let processes: [Case] = [
        Case("processes: a row comes back by id and by handle, without a snapshot") { fixture in
            let store = fixture.store
            let row = processRow("p")
            let handle = try fixture.write { try store.insertProcess(row) }
            let wanted = StoredProcess(handle: handle, row: row, snapshot: nil)
            #expect(try store.process(row.id, tenant: "acme") == wanted)
            #expect(try store.process(handle) == wanted)
            #expect(try store.makeReader().process(row.id, tenant: "acme") == wanted)
            #expect(try store.makeReader().process(handle) == wanted)
        },
        Case("processes: every member of a row comes back, in every status") { fixture in
            for (number, status) in ProcessStatus.allCases.enumerated() {
                let row = ProcessRow(
                    id: UniqueID(high: .max - UInt64(number), low: 1 << 63), tenant: "Ünï \u{1F600}",
                    definition: "cafe\u{301}", definitionVersion: 1_000_000 + number, key: "a\u{0}b'\"\\",
                    status: status, suspended: number % 2 == 0, version: 1 << 40, incidents: number,
                    startedAt: .at(-5), updatedAt: .at(1_764_000_000_123), endedAt: status.isEnd ? .at(.max) : nil)
                let handle = try fixture.write { try fixture.store.insertProcess(row) }
                let stored = try #require(try fixture.store.process(handle))
                #expect(stored.row == row)
                #expect(Array(stored.row.definition.utf8) == Array(row.definition.utf8))
                #expect(Array(stored.row.key.utf8) == Array(row.key.utf8))
                #expect(try fixture.store.process(row.id, tenant: row.tenant) == stored)
            }
        },
        Case("processes: an id that is there is a duplicate, also before the commit, and keeps its row") { fixture in
            let store = fixture.store
            let handle = try fixture.write {
                let handle = try fixture.insertProcess("p")
                fixture.expectDuplicate("uncommitted") { _ = try store.insertProcess(processRow("p", version: 2)) }
                return handle
            }
            try fixture.write {
                fixture.expectDuplicate("committed") { _ = try store.insertProcess(processRow("p", version: 2)) }
            }
            #expect(try store.process(handle)?.row == processRow("p"))
            #expect(try store.makeReader().processes(ProcessQuery(tenant: "acme", limit: 9)).count == 1)
            #expect(try store.runningVersions(of: "order", tenant: "acme") == [1])
        },
        Case("processes: another tenant does not find an id") { fixture in
            let row = processRow("p")
            try fixture.write { _ = try fixture.store.insertProcess(row) }
            #expect(try fixture.store.process(row.id, tenant: "other") == nil)
            #expect(try fixture.store.process(row.id, tenant: "") == nil)
            #expect(try fixture.store.makeReader().process(row.id, tenant: "Acme") == nil)
        },
        Case("processes: an unknown id or handle is nil, an update of one unknown") { fixture in
            let store = fixture.store
            let handle = try fixture.write { try fixture.insertProcess("p") }
            #expect(try store.process(UniqueID(name: "q"), tenant: "acme") == nil)
            #expect(try store.process(handle + 1) == nil)
            #expect(try store.process(0) == nil)
            try fixture.write {
                fixture.expectUnknown("update") {
                    try store.updateProcess(handle + 1, processRow("q"), snapshot: nil)
                }
            }
            #expect(try store.process(handle + 1) == nil)
        },
        Case("processes: an update writes every member that changes") { fixture in
            let store = fixture.store
            var row = processRow("p")
            let (handle, other) = try fixture.write {
                (try store.insertProcess(row), try fixture.insertProcess("other"))
            }
            row.definitionVersion = 7
            row.status = .failed
            row.suspended = true
            row.version = 12
            row.incidents = 3
            row.startedAt = .at(1001)
            row.updatedAt = .at(5000)
            row.endedAt = .at(5000)
            try fixture.write { try store.updateProcess(handle, row, snapshot: nil) }
            #expect(try store.process(handle)?.row == row)
            #expect(try store.process(other)?.row == processRow("other"))
            row.endedAt = nil
            row.status = .compensating
            try fixture.write { try store.updateProcess(handle, row, snapshot: nil) }
            #expect(try store.process(handle)?.row == row)
        },
        Case("processes: an update without a snapshot keeps the stored one") { fixture in
            let store = fixture.store
            let snapshot = StoredProcess.Snapshot(version: 3, bytes: Array(0...255))
            var row = processRow("p")
            let handle = try fixture.write {
                let handle = try store.insertProcess(row)
                try store.updateProcess(handle, row, snapshot: snapshot)
                return handle
            }
            #expect(try store.process(handle)?.snapshot == snapshot)
            row.version = 9
            try fixture.write { try store.updateProcess(handle, row, snapshot: nil) }
            #expect(try store.process(handle) == StoredProcess(handle: handle, row: row, snapshot: snapshot))
            #expect(try store.makeReader().process(handle)?.snapshot == snapshot)
        },
        Case("processes: an update with a snapshot replaces it, whatever its size") { fixture in
            let store = fixture.store
            let handle = try fixture.write { try fixture.insertProcess("p") }
            for (number, size) in [1, 300_000, 0, 5000].enumerated() {
                let snapshot = StoredProcess.Snapshot(
                    version: Int64(number + 1), bytes: (0..<size).map { UInt8(truncatingIfNeeded: $0 * 31) })
                try fixture.write { try store.updateProcess(handle, processRow("p"), snapshot: snapshot) }
                #expect(try store.process(handle)?.snapshot == snapshot)
                #expect(try store.process(UniqueID(name: "p"), tenant: "acme")?.snapshot == snapshot)
            }
        },
    ]

    static let runningVersions: [Case] = [
        Case("running versions: each once, newest first, in the order of numbers") { fixture in
            try fixture.write {
                for (number, version) in [2, 10, 2, 9, 1].enumerated() {
                    _ = try fixture.insertProcess("p\(number)", version: version)
                }
            }
            #expect(try fixture.store.runningVersions(of: "order", tenant: "acme") == [10, 9, 2, 1])
        },
        Case("running versions: every status that is no end counts, ends do not") { fixture in
            try fixture.write {
                for (number, status) in ProcessStatus.allCases.enumerated() {
                    _ = try fixture.insertProcess("p\(number)", version: number + 1, status: status)
                }
            }
            #expect(try fixture.store.runningVersions(of: "order", tenant: "acme") == [4, 3, 2, 1])
        },
        Case("running versions: a version goes with its last process, and moves with a migration") { fixture in
            let store = fixture.store
            let (first, second) = try fixture.write {
                (try fixture.insertProcess("p1"), try fixture.insertProcess("p2"))
            }
            try fixture.write { try store.updateProcess(first, processRow("p1", status: .completed), snapshot: nil) }
            #expect(try store.runningVersions(of: "order", tenant: "acme") == [1])
            try fixture.write { try store.updateProcess(second, processRow("p2", version: 3), snapshot: nil) }
            #expect(try store.runningVersions(of: "order", tenant: "acme") == [3])
            try fixture.write {
                try store.updateProcess(second, processRow("p2", version: 3, status: .failed), snapshot: nil)
            }
            #expect(try store.runningVersions(of: "order", tenant: "acme").isEmpty)
        },
        Case("versions in rows: ended processes and those of every tenant count, other definitions do not") { fixture in
            let store = fixture.store
            try fixture.write {
                _ = try fixture.insertProcess("p1", version: 1, status: .completed)
                _ = try fixture.insertProcess("p2", tenant: "other", version: 2)
                #expect(try store.hasProcess(of: "order", version: 1), "uncommitted")
                _ = try fixture.insertProcess("p3", definition: "refund", version: 3)
            }
            #expect(try [1, 2, 3].map { try store.hasProcess(of: "order", version: $0) } == [true, true, false])
            #expect(try store.hasProcess(of: "refund", version: 3))
            #expect(try !store.hasProcess(of: "Order", version: 1))
        },
        Case("running versions: definitions and tenants are separate") { fixture in
            let store = fixture.store
            try fixture.write {
                _ = try fixture.insertProcess("p1", version: 1)
                _ = try fixture.insertProcess("p2", definition: "refund", version: 2)
                _ = try fixture.insertProcess("p3", tenant: "other", version: 3)
            }
            #expect(try store.runningVersions(of: "order", tenant: "acme") == [1])
            #expect(try store.runningVersions(of: "refund", tenant: "acme") == [2])
            #expect(try store.runningVersions(of: "order", tenant: "other") == [3])
            #expect(try store.runningVersions(of: "refund", tenant: "other").isEmpty)
        },
    ]
}
