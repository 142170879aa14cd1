import Chrono
import Engine
import EventSourcing
import ProcessManagement
import Testing

@testable import SQLiteStore

@Suite("SQLite: snapshots")
struct SnapshotTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private static func row(_ version: Int64) -> ProcessRow {
        ProcessRow(
            id: UniqueID(high: 1, low: 2), tenant: "default", definition: "d", definitionVersion: 1, key: "k",
            status: .running, suspended: false, version: version, incidents: 0, startedAt: Instant(milliseconds: 1),
            updatedAt: Instant(milliseconds: 1), endedAt: nil)
    }

    @Test("one of an earlier release is found in its row, and goes with the next one")
    func moves() throws {
        let path = directory.file("old.db")
        let store = try SQLiteStore(path: path)
        defer { store.close() }
        try store.begin()
        let handle = try store.insertProcess(Self.row(3))
        try store.commit()
        let plain = try PlainConnection(path)
        try plain.execute("UPDATE processes SET snapshot_version = 2, snapshot = x'0102'")
        #expect(try store.process(handle)?.snapshot == StoredProcess.Snapshot(version: 2, bytes: [1, 2]))

        try store.begin()
        try store.updateProcess(handle, Self.row(4), snapshot: nil)
        #expect(try store.process(handle)?.snapshot?.version == 2)
        try store.updateProcess(handle, Self.row(5), snapshot: StoredProcess.Snapshot(version: 5, bytes: [9]))
        #expect(
            try store.process(Self.row(5).id, tenant: "default")?.snapshot
                == StoredProcess.Snapshot(version: 5, bytes: [9]))
        try store.commit()
        #expect(try plain.text("SELECT count(*) FROM processes WHERE snapshot IS NOT NULL") == "0")

        try store.begin()
        try store.removeProcess(handle)
        try store.commit()
        #expect(try plain.text("SELECT count(*) FROM snapshots") == "0")
    }
}
