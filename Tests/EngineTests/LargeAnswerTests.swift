import Chrono
import Engine
import JSON
import ProcessManagement
import Testing

/// Answers and what is remembered are bounded in bytes.
@Suite("Large answers")
struct LargeAnswerTests {
    private static let size = 900_000

    private func desk(_ count: Int) throws -> EngineDesk {
        let desk = try EngineDesk([Job()])
        let text = String(repeating: "x", count: Self.size)
        for number in 0..<count {
            let data: JSONValue = ["key": .string("\(number)"), "task": "work", "input": .string(text)]
            _ = try desk.post("Opened", data)
        }
        return desk
    }

    @Test("a claim gives as many tasks as one answer holds, the same id the same ones, and the next claim the rest")
    func claims() throws {
        let desk = try desk(10)
        let first = try #require(try desk.claims(["work"], limit: 100, id: "a"))
        #expect(first.count == 4)
        #expect(first.reduce(0) { $0 + $1.byteCount } <= 4 * 1_048_576)
        #expect(try desk.claims(["work"], limit: 100, id: "a") == first)
        let rest = try (0..<3).map { try #require(try desk.claims(["work"], limit: 100, id: "b\($0)")) }
        #expect(rest.map(\.count) == [4, 2, 0])
        #expect(Set((first + rest.joined()).map(\.taskID)).count == 10)
    }

    @Test("a claim's steps and words of workers count, and what is repeated under its id is no larger than an answer")
    func steps() throws {
        let desk = try desk(3)
        let tasks = try #require(try desk.claims(["work"], limit: 100, id: "a"))
        #expect(tasks.count == 3)
        for task in tasks {
            _ = try desk.ask(
                .recordStep(
                    StepRequest(
                        tenant: "default", taskID: task.taskID, leaseToken: task.leaseToken, name: "one",
                        data: task.input)))
        }
        let again = try #require(try desk.claims(["work"], limit: 100, id: "a"))
        #expect(again.map(\.taskID) == tasks.prefix(2).map(\.taskID))
        #expect(again.map(\.steps.count) == [1, 1])
    }

    @Test("a batch with large answers ends early, and what is left is run next")
    func batches() throws {
        let desk = try desk(24)
        let requests = (0..<6).map { number in
            EngineRequest.claim(
                ClaimRequest(tenant: "default", types: ["work"], worker: "w\(number)", limit: 100),
                ClaimCaller(ticket: Int64(number)))
        }
        let answers = desk.run(requests).answers
        #expect(answers.count == 5)
        #expect(desk.run(Array(requests.dropFirst(answers.count))).answers.count == 1)
    }

    @Test("waiting claims that a batch has no room for are served by the next one")
    func waiting() throws {
        let desk = try EngineDesk([Job()])
        for ticket in 1...6 {
            #expect(try desk.claims(["work"], limit: 100, wait: .minutes(1), id: nil, ticket: Int64(ticket)) == nil)
        }
        let text = String(repeating: "x", count: Self.size)
        let events = (0..<24).map {
            desk.incoming("Opened", ["key": .string("\($0)"), "task": "work", "input": .string(text)])
        }
        let first = desk.run([.post(events)])
        #expect(first.served.map(\.ticket) == [1, 2, 3, 4, 5])
        #expect(first.hasMoreClaims)
        let second = desk.run([])
        #expect(second.served.map(\.ticket) == [6])
        #expect(second.served.map(\.tasks.count) == [4])
        #expect(!second.hasMoreClaims)
    }

    @Test("events held for a key are all delivered, however large")
    func held() throws {
        var job = Job()
        job.routes["Said"] = EventRoute(whenMissing: .hold(.hours(1)), expression: "key")
        let desk = try EngineDesk([job])
        let text = String(repeating: "x", count: Self.size)
        for _ in 0..<10 { _ = try desk.post("Said", ["key": "k", "text": .string(text)]) }
        let receipt = try desk.post("Opened", ["key": "k"])
        let id = try #require(receipt.deliveries.first?.processID)
        try desk.settle()
        #expect(try desk.state(id).version >= 12)
        #expect(try desk.unmatched().isEmpty)
        try desk.verify()
    }
}
