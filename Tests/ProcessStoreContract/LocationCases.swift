import Engine
import ProcessManagement
import Testing

extension ProcessStoreContract {
    static let locations: [Case] = [
        Case("locations: a key that nobody had locates nothing") { fixture in
            let located = try fixture.store.locate(key("k"))
            #expect(located == nil)
        },
        Case("locations: a running owner is located under its key and its correlations") { fixture in
            let store = fixture.store
            let process = try fixture.write {
                let process = try fixture.insertProcess("p")
                try store.addLocation(key("k"), process: process)
                try store.addLocation(key("tx-1", name: "payment"), process: process)
                try store.addLocation(key("tx-2", name: "payment"), process: process)
                return process
            }
            let owner = LocatedProcess(handle: process, running: true)
            #expect(try store.locate(key("k")) == owner)
            #expect(try store.locate(key("tx-1", name: "payment")) == owner)
            #expect(try store.locate(key("tx-2", name: "payment")) == owner)
            #expect(try store.locate(key("tx-3", name: "payment")) == nil)
        },
        Case("locations: a second running owner is a conflict, also before the commit, and gets nothing") { fixture in
            let store = fixture.store
            let (first, second) = try fixture.write {
                let (first, second) = (try fixture.insertProcess("p1"), try fixture.insertProcess("p2"))
                try store.addLocation(key("k"), process: first)
                fixture.expectConflict("uncommitted") { try store.addLocation(key("k"), process: second) }
                return (first, second)
            }
            try fixture.write {
                fixture.expectConflict("committed") { try store.addLocation(key("k"), process: second) }
            }
            #expect(try store.locate(key("k")) == LocatedProcess(handle: first, running: true))
            #expect(try store.makeReader().locations(of: second).isEmpty)
        },
        Case("locations: the owner may add its key again") { fixture in
            let store = fixture.store
            let process = try fixture.write {
                let process = try fixture.insertProcess("p")
                try store.addLocation(key("k"), process: process)
                try store.addLocation(key("k"), process: process)
                return process
            }
            #expect(try store.locate(key("k")) == LocatedProcess(handle: process, running: true))
            #expect(try store.makeReader().locations(of: process).map(\.key) == [key("k")])
        },
        Case("locations: a released key still locates its last owner, as ended") { fixture in
            let store = fixture.store
            let process = try fixture.write {
                let process = try fixture.insertProcess("p")
                try store.addLocation(key("k"), process: process)
                return process
            }
            try fixture.write { try store.releaseLocations([key("k")], process: process) }
            #expect(try store.locate(key("k")) == LocatedProcess(handle: process, running: false))
        },
        Case("locations: a released key is free, within the same transaction too") { fixture in
            let store = fixture.store
            let (first, second) = try fixture.write {
                let (first, second) = (try fixture.insertProcess("p1"), try fixture.insertProcess("p2"))
                try store.addLocation(key("k"), process: first)
                try store.releaseLocations([key("k")], process: first)
                try store.addLocation(key("k"), process: second)
                return (first, second)
            }
            #expect(try store.locate(key("k")) == LocatedProcess(handle: second, running: true))
            #expect(try store.makeReader().locations(of: first).map(\.running) == [false])
            #expect(try store.makeReader().locations(of: second).map(\.running) == [true])
        },
        Case("locations: of several ended owners the last one is located, whoever was inserted first") { fixture in
            let store = fixture.store
            let handles = try fixture.write { try (1...3).map { try fixture.insertProcess("p\($0)") } }
            for process in [handles[2], handles[0], handles[1]] {
                try fixture.write { try store.addLocation(key("k"), process: process) }
                #expect(try store.locate(key("k")) == LocatedProcess(handle: process, running: true))
                try fixture.write { try store.releaseLocations([key("k")], process: process) }
                #expect(try store.locate(key("k")) == LocatedProcess(handle: process, running: false))
            }
        },
        Case("locations: tenant, definition, name and value are separate, texts are never normalised") { fixture in
            let store = fixture.store
            let keys = [
                key("k"), key("K"), key("k", name: "n"), key("k", name: "N"), key("k", definition: "refund"),
                key("k", tenant: "other"), key(""), key("", name: "k"), key("caf\u{E9}"), key("cafe\u{301}"),
                key("nk"), key("k "),
            ]
            let handles = try fixture.write {
                try keys.enumerated().map { number, key in
                    let process = try fixture.insertProcess("p\(number)")
                    try store.addLocation(key, process: process)
                    return process
                }
            }
            for (key, handle) in zip(keys, handles) { #expect(try store.locate(key)?.handle == handle, "\(key)") }
        },
        Case("locations: only the keys named are released, and only those of the process") { fixture in
            let store = fixture.store
            let (first, second) = try fixture.write {
                let (first, second) = (try fixture.insertProcess("p1"), try fixture.insertProcess("p2"))
                for value in ["a", "b", "c"] { try store.addLocation(key(value), process: first) }
                try store.addLocation(key("d"), process: second)
                try store.releaseLocations([key("a"), key("b"), key("d"), key("never")], process: first)
                return (first, second)
            }
            #expect(try store.locate(key("a"))?.running == false)
            #expect(try store.locate(key("b"))?.running == false)
            #expect(try store.locate(key("c")) == LocatedProcess(handle: first, running: true))
            #expect(try store.locate(key("d")) == LocatedProcess(handle: second, running: true))
            #expect(try store.locate(key("never")) == nil)
        },
        Case("locations: readers list all keys of a process and whether it still holds them") { fixture in
            let store = fixture.store
            let process = try fixture.write {
                let process = try fixture.insertProcess("p")
                for (value, name) in [("k", ""), ("1", "payment"), ("2", "payment")] {
                    try store.addLocation(key(value, name: name), process: process)
                }
                try store.addLocation(key("x"), process: try fixture.insertProcess("q"))
                try store.releaseLocations([key("1", name: "payment")], process: process)
                return process
            }
            let listed = try store.makeReader().locations(of: process)
            let byKey = Dictionary(uniqueKeysWithValues: listed.map { ($0.key, $0.running) })
            #expect(byKey == [key("k"): true, key("1", name: "payment"): false, key("2", name: "payment"): true])
        },
    ]
}
