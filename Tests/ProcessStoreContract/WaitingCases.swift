import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

extension ProcessStoreContract {
    static let timers: [Case] = [
        Case("timers: due at or before now, by due time, then in the order of insertion") { fixture in
            let store = fixture.store
            let process = try fixture.write {
                let process = try fixture.insertProcess("p")
                let other = try fixture.insertProcess("q")
                for (name, dueAt, owner): (String, Int64, RowHandle) in [
                    ("d", 300, process), ("b", 200, other), ("c", 200, process), ("a", 100, process),
                    ("z", 301, process),
                ] {
                    try store.insertTimer(TimerRow(id: UniqueID(name: name), process: owner, dueAt: .at(dueAt)))
                }
                return process
            }
            #expect(try store.dueTimers(at: .at(99), limit: 9).isEmpty)
            #expect(try store.dueTimers(at: .at(100), limit: 9).map(\.id) == names("a"))
            #expect(try store.dueTimers(at: .at(300), limit: 9).map(\.id) == names("a", "b", "c", "d"))
            #expect(try store.dueTimers(at: .at(300), limit: 2).map(\.id) == names("a", "b"))
            #expect(try store.nextTimerDue() == .at(100))
            #expect(
                try store.dueTimers(at: .at(100), limit: 1)
                    == [TimerRow(id: UniqueID(name: "a"), process: process, dueAt: .at(100))])
        },
        Case("timers: those of a process come in the order of insertion, on both sides") { fixture in
            let store = fixture.store
            let rows = try fixture.write {
                let process = try fixture.insertProcess("p")
                let other = try fixture.insertProcess("q")
                let rows = [
                    TimerRow(id: UniqueID(name: "a"), process: process, dueAt: .at(3)),
                    TimerRow(id: UniqueID(name: "b"), process: process, dueAt: .at(1), parked: true),
                    TimerRow(id: UniqueID(name: "c"), process: process, dueAt: .at(.max)),
                ]
                for row in rows {
                    try store.insertTimer(row)
                    try store.insertTimer(TimerRow(id: UniqueID(name: "\(row.id)"), process: other, dueAt: .at(1)))
                }
                return rows
            }
            #expect(try store.timers(of: rows[0].process) == rows)
            #expect(try store.makeReader().timers(of: rows[0].process) == rows)
        },
        Case("timers: a removed timer is gone, removing it again does nothing") { fixture in
            let store = fixture.store
            let (first, second) = (UniqueID(name: "a"), UniqueID(name: "b"))
            let process = try fixture.write {
                let process = try fixture.insertProcess("p")
                try store.insertTimer(TimerRow(id: first, process: process, dueAt: .at(1)))
                try store.insertTimer(TimerRow(id: second, process: process, dueAt: .at(2)))
                return process
            }
            for _ in 1...2 {
                try fixture.write { try store.removeTimer(first, of: process) }
                #expect(try store.dueTimers(at: .at(9), limit: 9).map(\.id) == [second])
                #expect(try store.timers(of: process).map(\.id) == [second])
                #expect(try store.nextTimerDue() == .at(2))
            }
            try fixture.write { try store.removeTimer(second, of: process) }
            #expect(try store.nextTimerDue() == nil)
        },
        Case("timers: removal names the process too") { fixture in
            let store = fixture.store
            let timer = UniqueID(name: "a")
            let process = try fixture.write {
                let (process, other) = (try fixture.insertProcess("p"), try fixture.insertProcess("q"))
                try store.insertTimer(TimerRow(id: timer, process: process, dueAt: .at(1)))
                try store.removeTimer(timer, of: other)
                return process
            }
            #expect(try store.timers(of: process).map(\.id) == [timer])
            #expect(try store.nextTimerDue() == .at(1))
        },
        Case("timers: parking silences all timers of one process until they are unparked") { fixture in
            let store = fixture.store
            let process = try fixture.write {
                let (process, other) = (try fixture.insertProcess("p"), try fixture.insertProcess("q"))
                try store.insertTimer(TimerRow(id: UniqueID(name: "a"), process: process, dueAt: .at(1)))
                try store.insertTimer(TimerRow(id: UniqueID(name: "b"), process: other, dueAt: .at(2)))
                try store.insertTimer(TimerRow(id: UniqueID(name: "c"), process: process, dueAt: .at(3)))
                return process
            }
            try fixture.write { try store.parkTimers(of: process, true) }
            #expect(try store.dueTimers(at: .at(9), limit: 9).map(\.id) == names("b"))
            #expect(try store.nextTimerDue() == .at(2))
            #expect(try store.timers(of: process).map(\.parked) == [true, true])
            try fixture.write { try store.parkTimers(of: process, false) }
            #expect(try store.dueTimers(at: .at(9), limit: 9).map(\.id) == names("a", "b", "c"))
            #expect(try store.timers(of: process).map(\.parked) == [false, false])
            #expect(try store.nextTimerDue() == .at(1))
        },
        Case("timers: one inserted parked is not due, and can be removed") { fixture in
            let store = fixture.store
            let process = try fixture.write {
                let process = try fixture.insertProcess("p")
                try store.insertTimer(
                    TimerRow(id: UniqueID(name: "a"), process: process, dueAt: .at(1), parked: true))
                return process
            }
            #expect(try store.nextTimerDue() == nil)
            try fixture.write {
                try store.removeTimer(UniqueID(name: "a"), of: process)
                try store.parkTimers(of: process, false)
            }
            #expect(try store.nextTimerDue() == nil)
            #expect(try store.timers(of: process).isEmpty)
        },
        Case("timers: one that the process has is a duplicate and keeps its time") { fixture in
            let store = fixture.store
            let row = try fixture.write {
                let row = TimerRow(
                    id: UniqueID(name: "a"), process: try fixture.insertProcess("p"), dueAt: .at(5))
                try store.insertTimer(row)
                fixture.expectDuplicate("a second time") {
                    try store.insertTimer(TimerRow(id: row.id, process: row.process, dueAt: .at(1)))
                }
                return row
            }
            #expect(try store.timers(of: row.process) == [row])
        },
    ]

    static let heldEvents: [Case] = [
        Case("held: those of a key come oldest first, exactly as they were") { fixture in
            let store = fixture.store
            try fixture.write {
                for (id, expiresAt): (String, Int64) in [("1", 900), ("2", 300), ("3", 600)] {
                    try store.insertHeld(held(id, key("k"), expiresAt: expiresAt))
                }
                try store.insertHeld(held("other", key("l")))
            }
            let found = try store.heldEvents(for: key("k"))
            #expect(found.map(\.event.id.description) == ["1", "2", "3"])
            for (held, expiresAt) in zip(found, [900, 300, 600] as [Int64]) {
                var wanted = Self.held(held.event.id.description, key("k"), expiresAt: expiresAt)
                wanted.handle = held.handle
                #expect(held == wanted)
                #expect(exactly(held.event) == exactly(wanted.event))
            }
            #expect(Set(found.map(\.handle)).count == 3)
        },
        Case("held: tenant, definition, name and value of the key all count") { fixture in
            let store = fixture.store
            let keys = [
                key("k"), key("k", name: "n"), key("k", definition: "refund"), key("k", tenant: "other"),
                key("caf\u{E9}"), key("cafe\u{301}"),
            ]
            try fixture.write {
                for (number, key) in keys.enumerated() { try store.insertHeld(held("\(number)", key)) }
            }
            for (number, key) in keys.enumerated() {
                let found = try store.heldEvents(for: key)
                #expect(found.map(\.event.id.description) == ["\(number)"], "\(key)")
            }
        },
        Case("held: the expired ones come earliest first, up to the limit") { fixture in
            let store = fixture.store
            try fixture.write {
                for (id, expiresAt): (String, Int64) in [("c", 300), ("a", 100), ("b", 200), ("d", 301)] {
                    try store.insertHeld(held(id, key("k \(id)"), expiresAt: expiresAt))
                }
            }
            func expired(_ now: Int64, _ limit: Int = 9) throws -> [String] {
                try store.expiredHeld(at: .at(now), limit: limit).map(\.event.id.description)
            }
            #expect(try expired(99) == [])
            #expect(try expired(100) == ["a"])
            #expect(try expired(300) == ["a", "b", "c"])
            #expect(try expired(300, 2) == ["a", "b"])
            #expect(try store.nextHeldExpiry() == .at(100))
        },
        Case("held: a removed one is gone everywhere, removing it again does nothing") { fixture in
            let store = fixture.store
            try fixture.write {
                try store.insertHeld(held("1", key("k"), expiresAt: 100))
                try store.insertHeld(held("2", key("k"), expiresAt: 200))
            }
            let first = try #require(try store.heldEvents(for: key("k")).first)
            for _ in 1...2 {
                try fixture.write { try store.removeHeld(first.handle) }
                #expect(try store.heldEvents(for: key("k")).map(\.event.id.description) == ["2"])
                #expect(try store.nextHeldExpiry() == .at(200))
                #expect(try store.expiredHeld(at: .at(500), limit: 9).count == 1)
                #expect(try store.makeReader().heldEvents(tenant: "acme", after: 0, limit: 9).count == 1)
            }
        },
        Case("held: readers page through a tenant's, whatever the key") { fixture in
            let store = fixture.store
            try fixture.write {
                for number in 1...5 { try store.insertHeld(held("\(number)", key("k\(number % 2)"))) }
                try store.insertHeld(held("x", key("k", tenant: "other")))
            }
            let reader = try store.makeReader()
            let first = try reader.heldEvents(tenant: "acme", after: 0, limit: 3)
            let rest = try reader.heldEvents(tenant: "acme", after: first.last?.handle ?? 0, limit: 3)
            #expect((first + rest).map(\.event.id.description) == ["1", "2", "3", "4", "5"])
            #expect(first.count == 3)
        },
    ]

    static let unmatchedEvents: [Case] = [
        Case("unmatched: every reason and member comes back, for its tenant only") { fixture in
            let store = fixture.store
            var rows: [UnmatchedEvent] = []
            for (number, reason) in UnmatchedEvent.Reason.allCases.enumerated() {
                rows.append(
                    UnmatchedEvent(
                        tenant: "acme",
                        event: Event(
                            id: EventID("\(number)"), type: "Lost", source: "/s", time: "t",
                            data: try json(#"{ "n":1e400}"#), correlationID: "c", causationID: "d",
                            traceparent: "e", extensions: try json(#"{"x":1}"#)),
                        reason: reason, definition: number % 2 == 0 ? nil : "order", receivedAt: .at(Int64(number))))
            }
            try fixture.write { for row in rows { try store.insertUnmatched(row) } }
            let listed = try store.makeReader().unmatched(tenant: "acme", after: 0, limit: 99)
            #expect(listed.count == rows.count)
            for (found, wanted) in zip(listed, rows) {
                var wanted = wanted
                wanted.handle = found.handle
                #expect(found == wanted)
                #expect(exactly(found.event) == exactly(wanted.event))
                #expect(try store.unmatched(found.handle, tenant: "acme") == found)
                #expect(try store.unmatched(found.handle, tenant: "other") == nil)
            }
        },
        Case("unmatched: readers page in the order of arrival, each tenant its own") { fixture in
            let store = fixture.store
            try fixture.write {
                for number in 1...7 {
                    try store.insertUnmatched(unmatched("\(number)", tenant: number == 4 ? "other" : "acme"))
                }
            }
            let reader = try store.makeReader()
            var seen: [String] = []
            var after: RowHandle = 0
            while true {
                let page = try reader.unmatched(tenant: "acme", after: after, limit: 4)
                guard let last = page.last else { break }
                #expect(page.count <= 4)
                #expect(last.handle > after)
                after = last.handle
                seen += page.map(\.event.id.description)
            }
            #expect(seen == ["1", "2", "3", "5", "6", "7"])
            #expect(try reader.unmatched(tenant: "other", after: 0, limit: 9).map(\.event.id.description) == ["4"])
        },
        Case("unmatched: a removed one is gone and its handle is not given again") { fixture in
            let store = fixture.store
            try fixture.write { try store.insertUnmatched(unmatched("1")) }
            let first = try #require(try store.makeReader().unmatched(tenant: "acme", after: 0, limit: 9).first)
            try fixture.write { try store.removeUnmatched(first.handle) }
            try fixture.write { try store.removeUnmatched(first.handle) }
            #expect(try store.unmatched(first.handle, tenant: "acme") == nil)
            try fixture.write { try store.insertUnmatched(unmatched("2")) }
            let second = try #require(try store.makeReader().unmatched(tenant: "acme", after: 0, limit: 9).first)
            #expect(second.event.id.description == "2")
            #expect(second.handle > first.handle)
        },
    ]

    private static func held(_ id: String, _ location: LocationKey, expiresAt: Int64 = 500) -> HeldEvent {
        HeldEvent(
            location: location, event: event("Held", id: id, data: .string("é \(id)")), receivedAt: .at(7),
            expiresAt: .at(expiresAt))
    }

    private static func unmatched(_ id: String, tenant: String = "acme") -> UnmatchedEvent {
        UnmatchedEvent(
            tenant: tenant, event: event("Lost", id: id), reason: .ignored, definition: "order", receivedAt: .at(7))
    }
}
