import Engine
import EventSourcing
import JSON
import ProcessManagement
import Testing

/// Two engines on one store, which a server prevents with a lock: each finds that the other was faster.
@Suite("Conflicts")
struct ConflictTests {
    private func post(_ desk: EngineDesk, _ id: String) throws -> EventReceipt {
        let answer = try desk.ask(.post([desk.incoming("Opened", ["key": "a"], id: id)]))
        guard case .posted(let results) = answer else { throw EngineDesk.Unexpected() }
        return try results[0].get()
    }

    @Test("what another writer did in between is read, and the request decided anew")
    func reloads() throws {
        let first = try EngineDesk([Job()])
        let id = try #require(try post(first, "e1").deliveries.first).processID
        let second = try EngineDesk([Job()], after: first)
        var version: Int64 = 0
        for number in 2...7 {
            // Each has in memory what was true before the other one wrote.
            let receipt = try post(number.isMultiple(of: 2) ? second : first, "e\(number)")
            let delivery = try #require(receipt.deliveries.first)
            #expect(delivery.processID == id)
            #expect(delivery.effect.version > version)
            version = delivery.effect.version
        }
        #expect(try first.stream(id).filter { $0 == "Opened" }.count == 7)
    }

    @Test("the others of its batch are not touched")
    func neighbours() throws {
        let first = try EngineDesk([Job()])
        _ = try post(first, "e1")
        let second = try EngineDesk([Job()], after: first)
        _ = try post(second, "e2")
        let result = first.run(
            ["x", "a", "y"].map { key in
                .post([first.incoming("Opened", ["key": .string(key)], id: "batch-\(key)")])
            })
        #expect(result.isHealthy)
        for answer in result.answers {
            guard case .posted(let results) = answer else { throw EngineDesk.Unexpected() }
            #expect(try results[0].get().deliveries.count == 1)
        }
    }
}
