import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

extension ProcessStoreContract {
    static let smallTables: [Case] = [
        Case("outbox: rows of a process come back, each process its own") { fixture in
            let store = fixture.store
            let (rows, other) = try fixture.write {
                let (process, other) = (try fixture.insertProcess("p"), try fixture.insertProcess("q"))
                let rows = ["a", "b", "c"].enumerated().map { number, name in
                    OutboxRow(
                        id: UniqueID(name: name), process: process, command: "Nötify", position: Int64(number + 1),
                        createdAt: .at(Int64(number)))
                }
                for row in rows { try store.insertOutbox(row) }
                try store.insertOutbox(
                    OutboxRow(
                        id: UniqueID(name: "x"), process: other, command: "Y", position: 9, createdAt: .at(9)))
                return (rows, other)
            }
            let reader = try store.makeReader()
            #expect(try reader.outbox(of: rows[0].process).sorted { $0.position < $1.position } == rows)
            #expect(try reader.outbox(of: other).map(\.command) == ["Y"])
        },
        Case("outbox: a command that is in it is a duplicate and keeps its row") { fixture in
            let store = fixture.store
            let row = try fixture.write {
                let row = OutboxRow(
                    id: UniqueID(name: "a"), process: try fixture.insertProcess("p"), command: "Notify",
                    position: 1, createdAt: .at(1))
                try store.insertOutbox(row)
                var second = row
                second.command = "Other"
                fixture.expectDuplicate("a second time") { try store.insertOutbox(second) }
                return row
            }
            #expect(try store.makeReader().outbox(of: row.process) == [row])
        },
        Case("input queue: first in, first out, and what is removed is gone") { fixture in
            let store = fixture.store
            #expect(try store.nextQueued() == nil)
            try fixture.write {
                for (number, text) in ["a", "", "ü"].enumerated() {
                    try store.enqueue(QueuedInput(content: Array(text.utf8), queuedAt: .at(Int64(10 - number))))
                }
            }
            #expect(try store.queuedInputs(limit: 0).isEmpty)
            let first = try store.queuedInputs(limit: 2)
            #expect(first.map(\.content) == [Array("a".utf8), []])
            #expect(first.map(\.queuedAt) == [.at(10), .at(9)])
            #expect(try store.nextQueued() == .at(10))
            try fixture.write {
                for row in first { try store.removeQueued(row.handle) }
                try store.removeQueued(first[0].handle)
                try store.enqueue(QueuedInput(content: [0, 255], queuedAt: .at(1)))
            }
            #expect(try store.queuedInputs(limit: 9).map(\.content) == [Array("ü".utf8), [0, 255]])
            #expect(try store.nextQueued() == .at(8))
        },
        Case("input queue: a rolled back transaction leaves it as it was") { fixture in
            let store = fixture.store
            try fixture.write { try store.enqueue(QueuedInput(content: [1], queuedAt: .at(1))) }
            try store.begin()
            let row = try #require(try store.queuedInputs(limit: 1).first)
            try store.removeQueued(row.handle)
            try store.enqueue(QueuedInput(content: [2], queuedAt: .at(2)))
            #expect(try store.queuedInputs(limit: 9).map(\.content) == [[2]])
            store.rollback()
            #expect(try store.queuedInputs(limit: 9) == [row])
        },
        Case("input queue: outlives the store") { fixture in
            guard let reopen = fixture.reopen else { return }
            try fixture.write { try fixture.store.enqueue(QueuedInput(content: [7], queuedAt: .at(3))) }
            let again = try reopen(fixture.store)
            defer { again.close() }
            #expect(try again.queuedInputs(limit: 9).map(\.content) == [[7]])
        },
        Case("definitions: come by name, then by version, with content as stored") { fixture in
            let store = fixture.store
            let texts = [
                "{ \"b\" : 1e400 }", #"{"é":"\u00e9"}"#, "{}", #"{"z":1,"a":2}"#, #"{"deep":[[[[1]]]]}"#,
            ]
            let order = [("b", 2), ("a", 10), ("b", 1), ("a", 9), ("a", 1)]
            try fixture.write {
                for ((name, version), text) in zip(order, texts) {
                    try store.insertDefinition(
                        DefinitionRow(
                            name: name, version: version, content: try json(text), createdAt: .at(Int64(version))))
                }
            }
            let rows = try store.definitions()
            #expect(rows.map(\.name) == ["a", "a", "a", "b", "b"])
            #expect(rows.map(\.version) == [1, 9, 10, 1, 2])
            #expect(rows.map(\.content.text) == [4, 3, 1, 2, 0].map { texts[$0] })
            #expect(rows.map(\.createdAt.milliseconds) == [1, 9, 10, 1, 2])
            let reader = try store.makeReader()
            #expect(try reader.definitions() == rows)
            #expect(try reader.definitions(named: "a") == Array(rows[..<3]))
            #expect(try reader.definitions(named: "A").isEmpty)
        },
        Case("definitions: a version that is there is a duplicate and keeps its content") { fixture in
            let store = fixture.store
            let row = DefinitionRow(name: "order", version: 1, content: try json(#"{"a":1}"#), createdAt: .at(1))
            let other = DefinitionRow(name: "order", version: 1, content: try json(#"{"a":2}"#), createdAt: .at(2))
            try fixture.write {
                try store.insertDefinition(row)
                fixture.expectDuplicate("uncommitted") { try store.insertDefinition(other) }
            }
            try fixture.write {
                fixture.expectDuplicate("committed") { try store.insertDefinition(other) }
                try store.insertDefinition(
                    DefinitionRow(name: "Order", version: 1, content: try json("{}"), createdAt: .at(1)))
            }
            #expect(try store.definitions().filter { $0.name == "order" } == [row])
            #expect(try store.definitions().count == 2)
        },
        Case("definitions: a deleted version is gone, others stay, and its number can be used again") { fixture in
            let store = fixture.store
            let rows = try [1, 2].map { version in
                DefinitionRow(name: "order", version: version, content: try json("{}"), createdAt: .at(1))
            }
            try fixture.write { for row in rows { try store.insertDefinition(row) } }
            try fixture.write {
                try store.deleteDefinition(name: "order", version: 2)
                try store.deleteDefinition(name: "order", version: 3)
                try store.deleteDefinition(name: "Order", version: 1)
                #expect(try store.definitions() == [rows[0]], "uncommitted")
            }
            #expect(try store.makeReader().definitions() == [rows[0]])
            try fixture.write { try store.insertDefinition(rows[1]) }
            #expect(try store.definitions() == rows)
        },
        Case("settings: set, replaced, empty and unknown") { fixture in
            let store = fixture.store
            #expect(try store.setting("secret") == nil)
            try fixture.write {
                try store.setSetting("secret", Array(0...255))
                try store.setSetting("empty", [])
                try store.setSetting("clock", [1])
            }
            try fixture.write { try store.setSetting("clock", [2, 3]) }
            let reader = try store.makeReader()
            for (name, value): (String, [UInt8]?) in [
                ("secret", Array(0...255)), ("empty", []), ("clock", [2, 3]), ("Secret", nil), ("", nil),
            ] {
                #expect(try store.setting(name) == value, "\(name)")
                #expect(try reader.setting(name) == value, "\(name)")
            }
        },
    ]
}
