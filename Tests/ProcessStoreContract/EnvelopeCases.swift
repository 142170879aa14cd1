import Chrono
import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

extension ProcessStoreContract {
    static let envelopes: [Case] = [
        Case("envelopes: every member comes back exactly") { fixture in
            try expectExact(
                [
                    Event(
                        id: EventID("order-1"), type: "OrderPlaced", source: "/shop/1",
                        time: "2026-11-23T09:00:00.123456789+01:00", data: try json(#"{"sku":"A-1","n":2}"#),
                        correlationID: "corr", causationID: "cause",
                        traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                        extensions: try json(#"{"partitionkey":"p","sequence":7}"#),
                        observed: try json(#"{"taken":[["payment","tx"]]}"#))
                ], fixture)
        },
        Case("envelopes: an absent member stays absent, an empty one empty") { fixture in
            let empty = Event(
                id: EventID(""), type: "", source: "", time: "", data: try json("{}"), correlationID: "",
                causationID: "", traceparent: "", extensions: try json("{}"), observed: try json("{}"))
            try expectExact([Event(id: EventID("bare"), type: "T", data: .null), empty], fixture)
        },
        Case("envelopes: each optional member alone comes back as that member") { fixture in
            let bare = Event(id: EventID("e"), type: "T", data: .null)
            var events: [Event] = []
            for change: (inout Event) throws -> Void in [
                { $0.source = "x" }, { $0.time = "x" }, { $0.correlationID = "x" }, { $0.causationID = "x" },
                { $0.traceparent = "x" }, { $0.extensions = try json(#"{"x":1}"#) },
                { $0.observed = try json(#"{"x":1}"#) },
            ] {
                var event = bare
                try change(&event)
                events.append(event)
            }
            try expectExact(events, fixture)
        },
        Case("envelopes: ids come back in the form in which they were sent") { fixture in
            let ids = [
                "3a24a3ee-d33d-4266-93ab-7d8e256a6d44", "3A24A3EE-D33D-4266-93AB-7D8E256A6D44",
                "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
                "3a24a3eed33d426693ab7d8e256a6d44", "1", "01", " id ", String(repeating: "long", count: 500),
            ]
            try expectExact(
                ids.map { Event(id: EventID($0), type: "T", data: .null, causationID: $0) }
                    + [Event(id: EventID(UniqueID(high: 1 << 63, low: .max)), type: "T", data: .null)], fixture)
        },
        Case("envelopes: texts of any script come back code point by code point") { fixture in
            let texts = [
                "caf\u{E9}", "cafe\u{301}", "\u{1F469}\u{200D}\u{1F4BB}", "日本語", "\u{202E}abc", "a\u{0}b",
                "\u{FEFF}x", "\u{10FFFF}", "line\nbreak\ttab", "quote\"back\\slash'%", "\u{FB01}",
            ]
            try expectExact(
                texts.map { text in
                    Event(
                        id: EventID(text), type: text, source: text, time: text, data: .string(text),
                        correlationID: text, causationID: text, traceparent: text)
                }, fixture)
        },
        Case("envelopes: payloads come back byte by byte: numbers, spaces, order and escapes") { fixture in
            try expectExact(
                try [
                    "1e400", "-0", "1.0", "123456789012345678901234567890.10", "[1E+2,1e2,100]", "null", "true",
                    "\"\"", "[]", "{}", #"{"b":1,"a":2}"#, "{ \"a\" : [ 1 , 2 ]\n,\t\"b\":{} }",
                    #""\u00e9\u0000\ud83d\ude00\/""#, #"{"\u0061":1}"#, #""é😀""#, "9223372036854775808",
                ].map { Event(id: EventID("e"), type: "T", data: try json($0)) }, fixture)
        },
        Case("envelopes: a part of a larger document comes back as that part") { fixture in
            let document = try json(#"{"type":"T","data": {"x": [1, 2]}, "more": "after"}"#)
            let part = try #require(document["data"])
            let list = try #require(part["x"])
            try expectExact(
                [
                    Event(
                        id: EventID("e"), type: "T", data: part, extensions: try json(#"[{"a":1}]"#)[0],
                        observed: try json(#"[{"b":1}]"#)[0]), Event(id: EventID("f"), type: "T", data: list),
                ], fixture)
        },
        Case("envelopes: large payloads and deep ones come back") { fixture in
            let large = "{\"text\":\"" + String(repeating: "0123456789abcdef", count: 131_072) + "\",\"end\":1}"
            let deep = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
            let many = "[" + (0..<20_000).map(String.init).joined(separator: ",") + "]"
            try expectExact(
                try [large, deep, many].map { Event(id: EventID("e"), type: "T", data: try json($0)) }, fixture)
        },
    ]

    /// Appends the events to a process and to a task and compares what every way of reading answers.
    private static func expectExact(_ events: [Event], _ fixture: StoreFixture) throws {
        let store = fixture.store
        let (process, task) = try fixture.write {
            let process = try fixture.insertProcess("p")
            let task = try fixture.insertTask("t", of: process)
            _ = try store.append(events, toProcess: process, version: 1, at: .at(1))
            try store.append(events, toTask: task, version: 1, at: .at(1))
            return (process, task)
        }
        let wanted = events.map(exactly)
        let reader = try store.makeReader()
        let ofProcess = try store.processStream(process, from: 1, limit: .max)
        let ofTask = try store.taskStream(task, from: 1, limit: .max)
        #expect(ofProcess.map { exactly($0.event) } == wanted)
        #expect(ofTask.map { exactly($0.event) } == wanted)
        #expect(try reader.processStream(process, from: 1, limit: .max).map { exactly($0.event) } == wanted)
        #expect(
            try ofTask.compactMap { try store.record(at: $0.position).map { exactly($0.event) } } == wanted)
        var all: [RecordedEvent] = []
        while let page = try Optional(
            reader.events(tenant: "acme", after: all.last?.position ?? 0, matching: EventFilter(), limit: 1000)),
            !page.events.isEmpty
        {
            all += page.events
        }
        #expect(all.map { exactly($0.event) } == wanted + wanted)
        // The form of an id is part of it: equal texts are equal ids.
        #expect(ofProcess.map(\.event.id) == events.map(\.id))
    }
}
