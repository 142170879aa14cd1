import Chrono
import Engine
import EventSourcing
import ProcessManagement
import Testing

extension ProcessStoreContract {
    static let streams: [Case] = [
        Case("published: a process's published events are a stream of their own, in the global order") { fixture in
            let store = fixture.store
            let (one, other) = try fixture.write {
                let (one, other) = (try fixture.insertProcess("p"), try fixture.insertProcess("q", tenant: "other"))
                try fixture.append(["A", "B"], toProcess: one, version: 1)
                #expect(try store.append([event("X"), event("Y")], publishedBy: one, at: .at(2000)) == 3)
                try fixture.append(["C"], toProcess: one, version: 3)
                #expect(try store.append([event("Z")], publishedBy: other, at: .at(2000)) == 6)
                #expect(try store.append([event("X")], publishedBy: one, at: .at(3000)) == 7)
                return (one, other)
            }
            let records = try store.publishedStream(one, from: 1, limit: 10)
            #expect(records.map(\.event.type) == ["X", "Y", "X"])
            #expect(records.map(\.version) == [1, 2, 3])
            #expect(records.map(\.position) == [3, 4, 7])
            #expect(records.map(\.recordedAt) == [.at(2000), .at(2000), .at(3000)])
            #expect(Set(records.map(\.stream)) == [StreamID(category: "published", id: UniqueID(name: "p"))])
            #expect(try store.publishedStream(one, from: 2, limit: 1) == [records[1]])
            #expect(try store.publishedStream(other, from: 1, limit: 9).map(\.event.type) == ["Z"])
            #expect(try store.processStream(one, from: 1, limit: 9).map(\.event.type) == ["A", "B", "C"])
            let reader = try store.makeReader()
            #expect(try reader.publishedStream(one, from: 1, limit: 10) == records)
            let page = try reader.events(
                tenant: "acme", after: 0, matching: EventFilter(category: "published"), limit: 9)
            #expect(page.events == records)
            #expect(try reader.record(at: 4) == records[1])
        },
        Case("published: only processes that are there can publish") { fixture in
            try fixture.write {
                fixture.expectUnknown("no such process") {
                    _ = try fixture.store.append([event("X")], publishedBy: 99, at: .at(1))
                }
            }
            #expect(try fixture.store.publishedStream(99, from: 1, limit: 9).isEmpty)
        },
        Case("general streams: begin with their first append, belong to a tenant, are in the global order") { fixture in
            let store = fixture.store
            let stream = StreamID(category: "audit", name: "s")
            try fixture.write {
                #expect(try store.append([event("A"), event("B")], toGeneral: stream, tenant: "acme", at: .at(5)) == 1)
                let process = try fixture.insertProcess("p")
                try fixture.append(["M"], toProcess: process, version: 1)
                #expect(try store.append([event("X")], toGeneral: stream, tenant: "other", at: .at(6)) == 4)
            }
            let third = try fixture.write {
                try store.append([event("C")], toGeneral: stream, tenant: "acme", at: .at(7))
            }
            #expect(third == 5)
            let reader = try store.makeReader()
            let records = try reader.generalStream(stream, tenant: "acme", from: 1, limit: 9)
            #expect(records.map(\.event.type) == ["A", "B", "C"])
            #expect(records.map(\.version) == [1, 2, 3])
            #expect(records.map(\.position) == [1, 2, 5])
            #expect(records.map(\.recordedAt) == [.at(5), .at(5), .at(7)])
            #expect(Set(records.map(\.stream)) == [stream])
            #expect(try reader.generalStream(stream, tenant: "acme", from: 2, limit: 1) == [records[1]])
            #expect(try reader.generalStream(stream, tenant: "other", from: 1, limit: 9).map(\.position) == [4])
            #expect(try reader.generalStream(stream, tenant: "none", from: 1, limit: 9).isEmpty)
            let page = try reader.events(tenant: "acme", after: 0, matching: EventFilter(category: "audit"), limit: 9)
            #expect(page.events == records)
        },
        Case("general streams: a rollback takes back what was appended") { fixture in
            let store = fixture.store
            let stream = StreamID(category: "audit", name: "s")
            try store.begin()
            try store.append([event("A")], toGeneral: stream, tenant: "acme", at: .at(5))
            store.rollback()
            _ = try fixture.write { try store.append([event("B")], toGeneral: stream, tenant: "acme", at: .at(6)) }
            let records = try store.makeReader().generalStream(stream, tenant: "acme", from: 1, limit: 9)
            #expect(records.map(\.event.type) == ["B"])
            #expect(records.map(\.version) == [1])
        },
        Case("streams: an append returns the first position, the others follow without gaps") { fixture in
            let store = fixture.store
            let (process, first) = try fixture.write {
                let process = try fixture.insertProcess("p")
                return (process, try fixture.append(["A", "B", "C"], toProcess: process, version: 1))
            }
            let records = try store.processStream(process, from: 1, limit: 10)
            #expect(records.map(\.event.type) == ["A", "B", "C"])
            #expect(records.map(\.version) == [1, 2, 3])
            #expect(records.map(\.position) == [first, first + 1, first + 2])
            #expect(first >= 1)
        },
        Case("streams: appends go on where the stream ends, in one transaction and in the next") { fixture in
            let store = fixture.store
            let process = try fixture.write {
                let process = try fixture.insertProcess("p")
                try fixture.append(["A"], toProcess: process, version: 1)
                try fixture.append(["B", "C"], toProcess: process, version: 2)
                return process
            }
            try fixture.write { try fixture.append(["D"], toProcess: process, version: 4) }
            let records = try store.processStream(process, from: 1, limit: 10)
            #expect(records.map(\.event.type) == ["A", "B", "C", "D"])
            #expect(records.map(\.version) == [1, 2, 3, 4])
        },
        Case("streams: a version that is taken or leaves a gap is a conflict, and nothing is written") { fixture in
            let store = fixture.store
            let (process, task) = try fixture.write {
                let process = try fixture.insertProcess("p")
                let task = try fixture.insertTask("t", of: process)
                try fixture.append(["A", "B"], toProcess: process, version: 1)
                try store.append([event("s1"), event("s2")], toTask: task, version: 1, at: .at(1))
                return (process, task)
            }
            let last = try store.makeReader().lastPosition()
            for version: Int64 in [1, 2, 4, 100] {
                try fixture.write {
                    fixture.expectConflict("process at 2, appended as \(version)") {
                        try fixture.append(["X", "Y"], toProcess: process, version: version)
                    }
                    fixture.expectConflict("task at 2, appended as \(version)") {
                        try store.append([event("x"), event("y")], toTask: task, version: version, at: .at(1))
                    }
                }
            }
            #expect(try store.processStream(process, from: 1, limit: 10).map(\.event.type) == ["A", "B"])
            #expect(try store.taskStream(task, from: 1, limit: 10).map(\.event.type) == ["s1", "s2"])
            #expect(try store.makeReader().lastPosition() == last)
        },
        Case("streams: a new stream begins at version 1") { fixture in
            let process = try fixture.write {
                let process = try fixture.insertProcess("p")
                fixture.expectConflict("version 2 of nothing") {
                    try fixture.append(["A"], toProcess: process, version: 2)
                }
                return process
            }
            #expect(try fixture.store.processStream(process, from: 1, limit: 10).isEmpty)
            #expect(try fixture.store.makeReader().lastPosition() == 0)
        },
        Case("streams: appending to a process or task that is not there is unknown") { fixture in
            let store = fixture.store
            try fixture.write {
                let process = try fixture.insertProcess("p")
                let task = try fixture.insertTask("t", of: process)
                fixture.expectUnknown("process") {
                    try fixture.append(["A"], toProcess: process + 1, version: 1)
                }
                fixture.expectUnknown("task") {
                    try store.append([event("s")], toTask: task + 1, version: 1, at: .at(1))
                }
            }
            #expect(try store.makeReader().lastPosition() == 0)
        },
        Case("streams: positions increase in the order of appends, across all streams") { fixture in
            let store = fixture.store
            let handles = try fixture.write { try (1...3).map { try fixture.insertProcess("p\($0)") } }
            let task = try fixture.write { try fixture.insertTask("t", of: handles[0]) }
            var positions: [Int64] = []
            for version: Int64 in 1...3 {
                try fixture.write {
                    for handle in handles.reversed() {
                        positions.append(try fixture.append(["A"], toProcess: handle, version: version))
                    }
                    positions.append(try store.append([event("s")], toTask: task, version: version, at: .at(1)))
                }
            }
            #expect(zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 }, "\(positions)")
            #expect(try store.makeReader().lastPosition() == positions.last)
        },
        Case("streams: a conflict or rollback in between does not disturb the order") { fixture in
            let store = fixture.store
            let process = try fixture.write { try fixture.insertProcess("p") }
            let first = try fixture.write { try fixture.append(["A"], toProcess: process, version: 1) }
            try store.begin()
            try fixture.append(["lost", "lost too"], toProcess: process, version: 2)
            store.rollback()
            let second = try fixture.write {
                fixture.expectConflict("taken") { try fixture.append(["X"], toProcess: process, version: 1) }
                return try fixture.append(["B"], toProcess: process, version: 2)
            }
            #expect(first < second)
            #expect(try store.processStream(process, from: 1, limit: 10).map(\.position) == [first, second])
            #expect(try store.record(at: second)?.event.type == "B")
        },
        Case("streams: a process and a task with the same handle have streams of their own") { fixture in
            let store = fixture.store
            let (process, task) = try fixture.write {
                let process = try fixture.insertProcess("p", definition: "order-flow")
                let task = try fixture.insertTask("t", of: process)
                try fixture.append(["A"], toProcess: process, version: 1)
                try store.append([event("s1"), event("s2")], toTask: task, version: 1, at: .at(1))
                try fixture.append(["B"], toProcess: process, version: 2)
                return (process, task)
            }
            let ofProcess = try store.processStream(process, from: 1, limit: 10)
            let ofTask = try store.taskStream(task, from: 1, limit: 10)
            #expect(ofProcess.map(\.event.type) == ["A", "B"])
            #expect(ofTask.map(\.event.type) == ["s1", "s2"])
            #expect(Set(ofProcess.map(\.stream)) == [.process(UniqueID(name: "p"), of: "order-flow")])
            #expect(Set(ofTask.map(\.stream)) == [.task(UniqueID(name: "t"))])
        },
        Case("streams: a range starts at its version and ends with its limit or the stream") { fixture in
            let store = fixture.store
            let (process, task) = try fixture.write {
                let process = try fixture.insertProcess("p")
                let task = try fixture.insertTask("t", of: process)
                try fixture.append((1...10).map { "E\($0)" }, toProcess: process, version: 1)
                try store.append((1...4).map { event("s\($0)") }, toTask: task, version: 1, at: .at(1))
                return (process, task)
            }
            func versions(_ from: Int64, _ limit: Int) throws -> [Int64] {
                let records = try store.processStream(process, from: from, limit: limit)
                #expect(try store.makeReader().processStream(process, from: from, limit: limit) == records)
                return records.map(\.version)
            }
            #expect(try versions(1, 3) == [1, 2, 3])
            #expect(try versions(4, 3) == [4, 5, 6])
            #expect(try versions(9, 100) == [9, 10])
            #expect(try versions(10, 1) == [10])
            #expect(try versions(11, 5) == [])
            #expect(try versions(1, .max) == Array(1...10))
            #expect(try store.taskStream(task, from: 2, limit: 2).map(\.event.type) == ["s2", "s3"])
            #expect(try store.makeReader().taskStream(task, from: 4, limit: 9).map(\.event.type) == ["s4"])
        },
        Case("streams: the record at a position is the one in its stream, else nil") { fixture in
            let store = fixture.store
            let (process, task) = try fixture.write {
                let process = try fixture.insertProcess("p")
                let task = try fixture.insertTask("t", of: process)
                try fixture.append(["A", "B"], toProcess: process, version: 1)
                try store.append([event("s")], toTask: task, version: 1, at: .at(7))
                return (process, task)
            }
            let reader = try store.makeReader()
            let records =
                try store.processStream(process, from: 1, limit: 9) + store.taskStream(task, from: 1, limit: 9)
            #expect(records.count == 3)
            for record in records {
                #expect(try store.record(at: record.position) == record)
                #expect(try reader.record(at: record.position) == record)
            }
            let last = try reader.lastPosition()
            for position in [0, -1, last + 1] {
                #expect(try store.record(at: position) == nil)
                #expect(try reader.record(at: position) == nil)
            }
        },
        Case("streams: every record keeps the time at which it was appended") { fixture in
            let store = fixture.store
            let times: [Int64] = [0, 0, 1_764_000_000_123, .max]
            let process = try fixture.write {
                let process = try fixture.insertProcess("p")
                for (number, time) in times.enumerated() {
                    try fixture.append(["A"], toProcess: process, version: Int64(number + 1), at: time)
                }
                return process
            }
            #expect(
                try store.processStream(process, from: 1, limit: 9).map(\.recordedAt.milliseconds) == times)
        },
        Case("streams: a thousand events in one append keep their order") { fixture in
            let store = fixture.store
            let process = try fixture.write {
                let process = try fixture.insertProcess("p")
                try fixture.append((1...1000).map { "E\($0)" }, toProcess: process, version: 1)
                return process
            }
            let records = try store.processStream(process, from: 1, limit: 2000)
            #expect(records.map(\.event.type) == (1...1000).map { "E\($0)" })
            #expect(records.map(\.version) == Array(1...1000))
        },
    ]
}
