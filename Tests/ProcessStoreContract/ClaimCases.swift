import Chrono
import Engine
import EventSourcing
import ProcessManagement
import Testing

extension ProcessStoreContract {
    static let claims: [Case] = [
        Case("claims: highest priority first, then the one ready longest, then the oldest") { fixture in
            let store = fixture.store
            try fixture.write {
                let process = try fixture.insertProcess("p")
                for (name, priority, readyAt): (String, Int, Int64) in [
                    ("g", 0, 5000), ("e", 0, 1000), ("f", 0, 1000), ("c", 5, 2000), ("a", 9, 9000),
                    ("h", -1, 0), ("b", 5, 1000), ("d", 5, 2000),
                ] {
                    _ = try fixture.insertTask(name, of: process) {
                        $0.priority = priority
                        $0.readyAt = .at(readyAt)
                    }
                }
            }
            #expect(try claimable(fixture) == ["a", "b", "c", "d", "e", "f", "g", "h"])
            #expect(try claimable(fixture, limit: 3) == ["a", "b", "c"])
            #expect(try claimable(fixture, limit: 1) == ["a"])
            #expect(try store.claimableTasks(tenant: "acme", types: ["ship"], limit: 0).isEmpty)
        },
        Case("claims: several types are merged into one order, others are left out") { fixture in
            try fixture.write {
                let process = try fixture.insertProcess("p")
                for (name, type, priority, readyAt): (String, String, Int, Int64) in [
                    ("d", "ship", 0, 4), ("a", "pay", 1, 9), ("c", "pay", 0, 3), ("x", "pack", 9, 0),
                    ("b", "ship", 0, 2), ("e", "mail", 0, 5), ("f", "pay", 0, 5),
                ] {
                    _ = try fixture.insertTask(name, of: process, type: type) {
                        $0.priority = priority
                        $0.readyAt = .at(readyAt)
                    }
                }
            }
            #expect(try claimable(fixture, ["ship", "pay", "mail"]) == ["a", "b", "c", "d", "e", "f"])
            #expect(try claimable(fixture, ["mail", "ship", "pay"], limit: 4) == ["a", "b", "c", "d"])
            #expect(try claimable(fixture, ["ship", "ship"]) == ["b", "d"])
            #expect(try claimable(fixture, ["unheard", "mail"]) == ["e"])
            #expect(try claimable(fixture, []) == [])
        },
        Case("claims: of some definitions only, whatever else waits before them") { fixture in
            try fixture.write {
                for (name, definition, priority): (String, String, Int) in [
                    ("x", "order", 9), ("b", "refund", 1), ("y", "order", 5), ("a", "return", 2), ("c", "refund", 1),
                ] {
                    let process = try fixture.insertProcess("p\(name)", definition: definition)
                    _ = try fixture.insertTask(name, of: process) { $0.priority = priority }
                }
                let foreign = try fixture.insertProcess("q", tenant: "other", definition: "refund")
                _ = try fixture.insertTask("z", of: foreign, tenant: "other")
            }
            func claimable(_ definitions: [String], limit: Int = 9) throws -> [UniqueID] {
                try fixture.store.claimableTasks(
                    tenant: "acme", types: ["ship"], definitions: definitions, limit: limit
                ).map(\.row.id)
            }
            #expect(try claimable(["refund", "return"]) == ["a", "b", "c"].map { UniqueID(name: $0) })
            #expect(try claimable(["refund", "return"], limit: 2) == ["a", "b"].map { UniqueID(name: $0) })
            #expect(try claimable(["refund"], limit: 1) == [UniqueID(name: "b")])
            #expect(try claimable(["unheard"]) == [])
        },
        Case("claims: types and tenants are compared exactly") { fixture in
            try fixture.write {
                let process = try fixture.insertProcess("p")
                _ = try fixture.insertTask("a", of: process, type: "caf\u{E9}")
                _ = try fixture.insertTask("b", of: process, type: "cafe\u{301}")
                _ = try fixture.insertTask("c", of: process, type: "Ship")
                _ = try fixture.insertTask("d", of: process, tenant: "other")
            }
            #expect(try claimable(fixture, ["caf\u{E9}"]) == ["a"])
            #expect(try claimable(fixture, ["cafe\u{301}"]) == ["b"])
            #expect(try claimable(fixture, ["ship"]) == [])
            let others = try fixture.store.claimableTasks(tenant: "other", types: ["ship"], limit: 9)
            #expect(others.map(\.row.id) == [UniqueID(name: "d")])
        },
        Case("claims: parked, leased, delayed and ended tasks are not handed out") { fixture in
            try fixture.write {
                let process = try fixture.insertProcess("p")
                for status in TaskStatus.allCases {
                    _ = try fixture.insertTask("\(status)", of: process) { $0.status = status }
                }
                _ = try fixture.insertTask("parked", of: process) { $0.parked = true }
            }
            #expect(try claimable(fixture) == ["ready"])
        },
        Case("claims: whatever an update changes, the task is found under its new rank only") { fixture in
            let process = try fixture.write { try fixture.insertProcess("p") }
            let (first, second) = try fixture.write {
                (try fixture.insertTask("a", of: process), try fixture.insertTask("b", of: process))
            }
            try fixture.write { try fixture.updateTask(second, "b") { $0.priority = 5 } }
            #expect(try claimable(fixture) == ["b", "a"])
            try fixture.write { try fixture.updateTask(first, "a") { $0.priority = 6 } }
            #expect(try claimable(fixture) == ["a", "b"])
            try fixture.write { try fixture.updateTask(first, "a") { $0.parked = true } }
            #expect(try claimable(fixture) == ["b"])
            try fixture.write {
                try fixture.updateTask(first, "a") {
                    $0.parked = false
                    $0.priority = 5
                    $0.readyAt = .at(1)
                }
            }
            #expect(try claimable(fixture) == ["a", "b"])
            try fixture.write { try fixture.updateTask(first, "a") { $0.readyAt = .at(9_999_999) } }
            #expect(try claimable(fixture) == ["b", "a"])
            try fixture.write {
                try fixture.updateTask(second, "b") {
                    $0.status = .leased
                    $0.lease = lease("w")
                }
            }
            #expect(try claimable(fixture) == ["a"])
        },
        Case("claims: the queue of a type keeps its order while tasks come and go") { fixture in
            let process = try fixture.write { try fixture.insertProcess("p") }
            var handles: [RowHandle] = []
            try fixture.write {
                for number in 0..<60 {
                    handles.append(
                        try fixture.insertTask("t\(number)", of: process) {
                            $0.priority = number * 7 % 10
                            $0.readyAt = .at(Int64(number * 13 % 17))
                        })
                }
            }
            try fixture.write {
                for number in stride(from: 0, to: 60, by: 3) {
                    try fixture.updateTask(handles[number], "t\(number)") { $0.status = .completed }
                }
            }
            let wanted = (0..<60).filter { $0 % 3 != 0 }.sorted {
                ($1 * 7 % 10, $0 * 13 % 17, $0) < ($0 * 7 % 10, $1 * 13 % 17, $1)
            }
            #expect(try claimable(fixture, limit: 100) == wanted.map { "t\($0)" })
            #expect(try claimable(fixture, limit: 7) == wanted.prefix(7).map { "t\($0)" })
        },
        Case("claims: a claim's tasks are those that worker and tenant still lease under it") { fixture in
            let store = fixture.store
            let process = try fixture.write {
                let process = try fixture.insertProcess("p")
                for (name, worker, claim): (String, String, String?) in [
                    ("a", "w1", "c1"), ("b", "w1", "c1"), ("c", "w1", "c2"), ("d", "w2", "c1"), ("e", "w1", nil),
                    ("f", "w1", ""),
                ] {
                    _ = try fixture.insertTask(name, of: process) {
                        $0.status = .leased
                        $0.lease = lease(worker, claim: claim)
                    }
                }
                let foreign = try fixture.insertProcess("q", tenant: "other")
                _ = try fixture.insertTask("g", of: foreign, tenant: "other") {
                    $0.status = .leased
                    $0.lease = lease("w1", claim: "c1")
                }
                return process
            }
            #expect(try leased(fixture, "w1", "c1") == ["a", "b"])
            #expect(try leased(fixture, "w1", "c2") == ["c"])
            #expect(try leased(fixture, "w2", "c1") == ["d"])
            #expect(try leased(fixture, "w2", "c2") == [])
            #expect(try leased(fixture, "w1", "") == ["f"])
            let ended = try #require(try store.task(UniqueID(name: "a"), tenant: "acme"))
            try fixture.write {
                try fixture.updateTask(ended.handle, "a") {
                    $0.status = .completed
                    $0.lease = nil
                }
            }
            #expect(try leased(fixture, "w1", "c1") == ["b"])
            #expect(try store.openTasks(of: process).count == 5)
        },
        Case("claims: a lease that ended counts no more, even if the row still names it") { fixture in
            let process = try fixture.write { try fixture.insertProcess("p") }
            try fixture.write {
                _ = try fixture.insertTask("a", of: process) {
                    $0.status = .completed
                    $0.lease = lease("w", claim: "c")
                }
                _ = try fixture.insertTask("b", of: process) {
                    $0.status = .delayed
                    $0.lease = lease("w", claim: "c")
                }
            }
            #expect(try leased(fixture, "w", "c") == [])
            #expect(try fixture.store.leasedTasks().isEmpty)
        },
        Case("claims: a claim's tasks come in the order in which they were handed out") { fixture in
            try fixture.write {
                let process = try fixture.insertProcess("p")
                for (name, priority, readyAt, start): (String, Int, Int64, Int64) in [
                    ("e", 9, 0, 3000), ("d", 0, 1, 2000), ("b", 5, 1, 2000), ("a", 5, 0, 2000), ("c", 5, 1, 2000),
                ] {
                    _ = try fixture.insertTask(name, of: process) {
                        $0.priority = priority
                        $0.readyAt = .at(readyAt)
                        $0.status = .leased
                        $0.lease = lease("w", claim: "c", from: start)
                    }
                }
            }
            let handedOut = try leased(fixture, "w", "c")
            #expect(handedOut == ["a", "b", "c", "d", "e"])
        },
        Case("claims: all leased tasks are found at start, with or without a claim, parked ones too") { fixture in
            let store = fixture.store
            try fixture.write {
                let process = try fixture.insertProcess("p")
                for status in TaskStatus.allCases {
                    _ = try fixture.insertTask("\(status)", of: process) { $0.status = status }
                }
                for (name, tenant): (String, String) in [("a", "acme"), ("b", "other")] {
                    _ = try fixture.insertTask(name, of: process, tenant: tenant) {
                        $0.status = .leased
                        $0.parked = name == "a"
                        $0.lease = lease("w", claim: name == "a" ? "c" : nil)
                    }
                }
            }
            #expect(
                Set(try store.leasedTasks().map(\.row.id))
                    == [UniqueID(name: "leased"), UniqueID(name: "a"), UniqueID(name: "b")])
        },
    ]

    static let dueTasks: [Case] = [
        Case("due tasks: at or before now, earliest first, then oldest, up to the limit") { fixture in
            let store = fixture.store
            try fixture.write {
                let process = try fixture.insertProcess("p")
                for (name, dueAt): (String, Int64?) in [
                    ("d", 300), ("never", nil), ("a", 100), ("b", 200), ("c", 200), ("z", 301),
                ] {
                    _ = try fixture.insertTask(name, of: process) { $0.dueAt = dueAt.map(Instant.at) }
                }
            }
            func due(_ now: Int64, _ limit: Int = 10) throws -> [UniqueID] {
                try store.dueTasks(at: .at(now), limit: limit).map(\.row.id)
            }
            #expect(try due(99) == [])
            #expect(try due(100) == names("a"))
            #expect(try due(300) == names("a", "b", "c", "d"))
            #expect(try due(300, 2) == names("a", "b"))
            #expect(try due(.max).count == 5)
            #expect(try store.nextTaskDue() == .at(100))
        },
        Case("due tasks: parked ones are due, too, unless their due time is taken away") { fixture in
            let store = fixture.store
            let task = try fixture.write {
                let process = try fixture.insertProcess("p")
                _ = try fixture.insertTask("b", of: process) { $0.dueAt = .at(200) }
                return try fixture.insertTask("a", of: process) { $0.dueAt = .at(100) }
            }
            try fixture.write { try fixture.updateTask(task, "a") { $0.parked = true } }
            #expect(try store.dueTasks(at: .at(500), limit: 9).map(\.row.id) == names("a", "b"))
            #expect(try store.nextTaskDue() == .at(100))
            try fixture.write { try fixture.updateTask(task, "a") { $0.dueAt = nil } }
            #expect(try store.dueTasks(at: .at(500), limit: 9).map(\.row.id) == names("b"))
            #expect(try store.nextTaskDue() == .at(200))
        },
        Case("due tasks: a task of any tenant and status is due at its last due time only") { fixture in
            let store = fixture.store
            let task = try fixture.write {
                let process = try fixture.insertProcess("p")
                for (status, dueAt): (TaskStatus, Int64) in [(.leased, 10), (.delayed, 20), (.ready, 30)] {
                    _ = try fixture.insertTask("\(status)", of: process, tenant: "other") {
                        $0.status = status
                        $0.dueAt = .at(dueAt)
                    }
                }
                return try fixture.insertTask("t", of: process) { $0.dueAt = .at(5) }
            }
            #expect(
                try store.dueTasks(at: .at(30), limit: 9).map(\.row.id) == names("t", "leased", "delayed", "ready"))
            try fixture.write { try fixture.updateTask(task, "t") { $0.dueAt = .at(25) } }
            #expect(
                try store.dueTasks(at: .at(30), limit: 9).map(\.row.id) == names("leased", "delayed", "t", "ready"))
            try fixture.write { try fixture.updateTask(task, "t") { $0.dueAt = nil } }
            #expect(try store.dueTasks(at: .at(30), limit: 9).count == 3)
            #expect(try store.nextTaskDue() == .at(10))
        },
        Case("due tasks: without one the next due time is nil") { fixture in
            let store = fixture.store
            try fixture.write {
                let process = try fixture.insertProcess("p")
                _ = try fixture.insertTask("a", of: process)
                _ = try fixture.insertTask("b", of: process) { $0.parked = true }
            }
            #expect(try store.nextTaskDue() == nil)
            #expect(try store.dueTasks(at: .at(.max), limit: 9).isEmpty)
        },
    ]

    static func names(_ names: String...) -> [UniqueID] { names.map { UniqueID(name: $0) } }

    /// The names of claimable tasks of `acme`, in order; names are those of the sample rows here.
    private static func claimable(
        _ fixture: StoreFixture, _ types: [String] = ["ship"], limit: Int = 50
    ) throws -> [String] {
        let tasks = try fixture.store.claimableTasks(tenant: "acme", types: types, limit: limit)
        return tasks.map { nameByID[$0.row.id] ?? "\($0.row.id)" }
    }

    private static func leased(_ fixture: StoreFixture, _ worker: String, _ claim: String) throws -> [String] {
        let tasks = try fixture.store.leasedTasks(tenant: "acme", worker: worker, claim: claim)
        return tasks.map { nameByID[$0.row.id] ?? "\($0.row.id)" }
    }

    private static let nameByID: [UniqueID: String] = {
        let names = "abcdefghx".map(String.init) + TaskStatus.allCases.map(\.rawValue) + (0..<60).map { "t\($0)" }
        return Dictionary(uniqueKeysWithValues: names.map { (UniqueID(name: $0), $0) })
    }()
}
