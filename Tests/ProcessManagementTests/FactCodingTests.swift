import Chrono
import EventSourcing
import Foundation
import JSON
import ProcessManagement
import Testing

@Suite("Recorded facts")
struct FactCodingTests {
    static let a = UniqueID(name: "a")
    static let b = UniqueID(name: "b")
    static let due = Instant(milliseconds: 1_700_000_000_123)
    static let object = JSONView(["n": 1, "list": [true, nil, "x"]])

    static var policy: TaskPolicy {
        var policy = TaskPolicy(priority: 9)
        policy.retry.maxAttempts = 7
        policy.retry.delay = .milliseconds(250)
        policy.retry.factor = 1.5
        policy.retry.maxDelay = .minutes(90)
        policy.retry.jitter = 0.1
        policy.retry.never = ["card_declined", "lease_expired"]
        policy.timeouts = TaskTimeouts(
            claim: .minutes(10), attempt: .seconds(30), heartbeat: .milliseconds(10_500), total: .hours(25))
        return policy
    }

    static func transition(_ change: (inout TransitionPlanned) -> Void) -> Fact {
        var planned = TransitionPlanned(
            transitionID: a, transition: "completed", machineID: "item/1", machine: "item", fromState: nil,
            toState: "B",
            definitionVersion: 3)
        change(&planned)
        return .transitionPlanned(planned)
    }

    static func task(_ change: (inout PlannedTask) -> Void) -> Fact {
        var task = PlannedTask(id: b, type: "charge", input: object, pointer: "/states/A/task", isStateTask: false)
        change(&task)
        return transition { $0.task = task }
    }

    static let facts: [Fact] = [
        .processStarted(
            ProcessStarted(processID: a, definition: "order", definitionVersion: 2, key: "k", data: object)),
        transition { _ in },
        task {
            $0.mode = .child
            $0.type = "process:packing"
            $0.childKey = "o1"
        },
        transition { $0.fromState = "A" },
        transition {
            $0.fromState = "B"
            $0.stays = true
        },
        transition { $0.result = object },
        transition {
            $0.item = .null
            $0.set = JSONView(["a": nil])
        },
        transition {
            $0.item = .string("one")
            $0.set = object
            $0.undoes = b
            $0.correlations = [Correlation(name: "tracking", value: "1"), Correlation(name: "order", value: "")]
        },
        transition {
            $0.correlations = [
                Correlation(name: "t", value: "2"), Correlation(name: "t", value: "1"),
                Correlation(name: "u", value: "3"),
            ]
        },
        task { _ in },
        task {
            $0.mode = .sync
            $0.isStateTask = true
            $0.undo = .whenUnknown
            $0.input = .null
        },
        task {
            $0.pointer = ""
            $0.undo = .whenCompleted
            $0.policy = policy
        },
        task { $0.policy = TaskPolicy() },
        .taskCompleted(TaskCompleted(taskID: a, transitionID: b, machineID: "main", result: .null, attempt: 0)),
        .taskCompleted(
            TaskCompleted(taskID: a, transitionID: b, machineID: "main", result: object, attempt: 2, computed: true)),
        .taskFailed(
            TaskFailed(taskID: a, transitionID: b, machineID: "main", code: nil, reason: "", attempts: 3)),
        .taskFailed(
            TaskFailed(
                taskID: a, transitionID: b, machineID: "main", code: "declined", reason: "no\nmoney ☃", attempts: 1,
                computed: true)),
        .taskFailed(
            TaskFailed(
                taskID: a, transitionID: b, machineID: "main", code: "total_timeout", reason: "too long", attempts: 2,
                lastCode: "busy", lastReason: "try later")),
        .taskCancelled(TaskCancelled(taskID: a, transitionID: b, machineID: "main")),
        .taskCancelled(TaskCancelled(taskID: a, transitionID: b, machineID: "main", attempt: 0, unknown: true)),
        .eventDeferred(EventDeferred(eventVersion: 7, machineID: "main")),
        .eventDeferred(EventDeferred(eventVersion: 7, machineID: "main", eventType: "Said", taken: true)),
        .stepContinued(StepContinued(of: 7, number: 2, machines: ["main", "item/1"])),
        .deferredEventOffered(DeferredEventOffered(eventVersion: 7, machineID: "main", result: .taken)),
        .deferredEventOffered(DeferredEventOffered(eventVersion: 7, machineID: "main", result: .dropped)),
        .deferredEventOffered(DeferredEventOffered(eventVersion: 7, machineID: "main", result: .deferred)),
        .timerScheduled(
            TimerScheduled(timerID: a, machineID: "main", dueAt: due, state: "A", index: 2, name: "reminder")),
        .timerScheduled(TimerScheduled(timerID: a, machineID: nil, dueAt: due, state: nil, index: 0, name: nil)),
        .timerFired(TimerFired(timerID: a, machineID: "main", dueAt: due)),
        .timerFired(TimerFired(timerID: a, machineID: nil, dueAt: Instant(milliseconds: 0))),
        .commandIssued(CommandIssued(commandID: a, command: "alert", payload: object)),
        .incidentRaised(
            IncidentRaised(
                incidentID: a, kind: .expressionFailed, message: "no such key", taskID: b, inputVersion: 12,
                pointer: "/states/A/on/x")),
        .incidentRaised(IncidentRaised(incidentID: a, kind: .taskFailed, message: "")),
        .incidentResolved(
            IncidentResolved(incidentID: a, resolution: .retry, taskID: b, by: "ops", requestID: "r-1")),
        .incidentResolved(
            IncidentResolved(
                incidentID: a, resolution: .retry, always: true, machineID: "main", pointer: "/states/A/always/0",
                input: .null, set: object, data: object, reason: "mended", requestID: "r-1")),
        .incidentResolved(IncidentResolved(incidentID: a, resolution: .resolve, requestID: "r-1")),
        .incidentResolved(IncidentResolved(incidentID: a, resolution: .obsolete, requestID: "")),
        .cancellationRequested(
            CancellationRequested(
                reason: "why", mode: .cooperative, compensate: true, deadlineAt: due, by: "ops", requestID: "r")),
        .cancellationRequested(
            CancellationRequested(reason: "", mode: .hard, compensate: false, requestID: "r")),
        .cancellationRequested(
            CancellationRequested(reason: "", mode: .hard, compensate: false, explicit: true, requestID: "r")),
        .suspended(OperatorNote(reason: "wait", by: "ops", requestID: "r")),
        .suspended(OperatorNote(requestID: "r")),
        .resumed(OperatorNote(reason: "go", by: "ops", requestID: "r")),
        .resumed(OperatorNote(requestID: "r")),
        .processMigrated(ProcessMigrated(fromVersion: 1, toVersion: 2, requestID: "r")),
        .processMigrated(
            ProcessMigrated(
                fromVersion: 3, toVersion: 2,
                moves: [
                    .init(machine: "main", from: "A", to: "B"), .init(machine: "main", from: "C", to: "C"),
                    .init(machine: "item", from: "A", to: "D"),
                ], enter: true,
                timersKept: [.init(timerID: a, index: 0, name: nil), .init(timerID: b, index: 2, name: "late")],
                timersDropped: [a, b], reason: "why", by: "ops", requestID: "r")),
        .compensationStarted(PlannedEnd(kind: .cancelled, reason: "why", compensate: true)),
        .compensationStarted(PlannedEnd(kind: .failed, reason: "", compensate: true)),
        .processCancelled(reason: "why"),
        .processCompleted(result: object),
        .processCompleted(result: .null),
        .processCompleted(result: nil),
        .processFailed(reason: "why"),
    ]

    @Test("every fact is read back as it was written", arguments: facts)
    func roundTrip(_ fact: Fact) throws {
        let encoded = fact.encoded(in: Self.a)
        #expect(encoded["process_id"]?.stringValue == Self.a.description)
        let text = try JSONDocument.parse(encoded.text).root
        #expect(try Fact(type: fact.type, data: text) == fact)
        let event = Event(id: EventID("1"), type: fact.type, data: text)
        #expect(try ProcessRecord(event) == .fact(fact))
        #expect(Fact.types.contains(fact.type))
    }

    @Test("every kind of fact is in the table")
    func complete() {
        #expect(Set(Self.facts.map { ExactText($0.type) }) == Fact.types)
    }

    @Test(
        "the documentation names every member of every fact, and marks those that may be left out",
        arguments: Fact.types)
    func documented(_ type: ExactText) throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/concepts.md")
        let rows = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").filter { line in
            line.hasPrefix("| ") && line.split(separator: "|")[0].contains("`\(type.text)`")
        }
        let row = try #require(rows.first, "no row for \(type.text)")
        let samples = Self.facts.filter { ExactText($0.type) == type }.map { $0.encoded(in: Self.a) }
        for member in Set(samples.flatMap { $0.members.map(\.name) }).subtracting(["process_id"]) {
            let isOptional = samples.contains { $0[member] == nil }
            // What belongs to the task of a transition is there with it.
            let isOfTask = member.hasPrefix("task_") || member == "input"
            if isOptional, !(isOfTask && type == ExactText("TransitionPlanned")) {
                #expect(row.contains("`\(member)?`"), "\(type.text): \(member)?")
            } else {
                #expect(row.contains("`\(member)`") || row.contains("`\(member)?`"), "\(type.text): \(member)")
            }
        }
    }

    @Test("every kind of incident is read back", arguments: IncidentKind.allCases)
    func incidents(_ kind: IncidentKind) throws {
        let fact = Fact.incidentRaised(IncidentRaised(incidentID: Self.a, kind: kind, message: "m"))
        #expect(try Fact(type: fact.type, data: fact.encoded(in: Self.a)) == fact)
    }

    @Test("what is missing or wrong is named")
    func damaged() throws {
        let fact = Fact.taskCompleted(
            TaskCompleted(taskID: Self.a, transitionID: Self.b, machineID: "main", result: .null, attempt: 1))
        guard case .object(let object) = fact.encoded(in: Self.a).value else {
            Issue.record("a fact is an object")
            return
        }
        for name in ["task_id", "transition_id", "machine_id", "result", "attempt"] {
            let rest = JSONObject(uniqueMembers: object.members.filter { $0.name != name })
            #expect(throws: FactDecodingError(type: "TaskCompleted", member: name)) {
                try Fact(type: "TaskCompleted", data: JSONView(.object(rest)))
            }
        }
        #expect(throws: FactDecodingError(type: "Nonsense", member: "type")) {
            try Fact(type: "Nonsense", data: JSONView([:]))
        }
    }

    @Test("a type of ours with a source, or another type, is an accepted event")
    func events() throws {
        for event in [
            Event(id: EventID("1"), type: "ProcessCompleted", source: "", data: .null),
            Event(id: EventID("1"), type: "OrderPlaced", source: nil, data: .null),
        ] {
            #expect(try ProcessRecord(event) == .event(event))
        }
    }

    @Test("what a decision observed is read back")
    func observations() throws {
        for observed in [
            Observations(), Observations(unsettled: [Self.a, Self.b]),
            Observations(taken: [Correlation(name: "t", value: "1")]), Observations(handedOn: 3),
            Observations(missing: ["other"], rules: .first),
            Observations(unsettled: [Self.b], taken: [Correlation(name: "t", value: "1")]),
        ] {
            #expect(try Observations(decoding: observed.encoded) == observed)
        }
        // Records of earlier releases carry no number; those of a newer one cannot be decided again.
        #expect(Observations(rules: .first).encoded == nil)
        #expect(try Observations(decoding: nil).rules == .first)
        #expect(throws: FactDecodingError.self) { try Observations(decoding: JSONView(["rules": 99])) }
    }
}
