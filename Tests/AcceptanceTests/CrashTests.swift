import Foundation
import JSON
import Testing

@Suite("Crashes")
struct CrashTests {
    @Test("whatever was acknowledged is there after ten kills -9, once, and the store is what its streams say")
    func nothingIsLost() throws {
        try Samples.withFolder { folder in
            let service = ServiceProcess(in: folder)
            try service.start()
            let ledger = CrashLedger()
            // Whatever fails on the way, the threads must end.
            defer {
                ledger.endProducing()
                ledger.endWorking()
            }
            ledger.open(service.port)
            Thread.detachNewThread { ledger.produce() }
            for number in 1...2 { Thread.detachNewThread { ledger.work(as: "worker-\(number)") } }

            for kill in 1...10 {
                try #require(ledger.wait { $0.events.count >= 15 * kill && $0.outcomes.count >= 20 * kill })
                service.kill()
                try service.start()
                ledger.open(service.port)
            }
            ledger.endProducing()
            #expect(ledger.wait { $0.producerIsDone && $0.outcomes.count >= 2 * $0.events.count })
            ledger.endWorking()
            #expect(ledger.wait { $0.workersDone == 2 })

            let record = ledger.record
            #expect(record.surprises.isEmpty)
            #expect(record.events.count >= 150)
            #expect(record.outcomes.count == 2 * record.events.count)
            #expect(record.retries > 0, "no kill interrupted anything")
            try checkEvents(record, service.port)
            try checkOutcomes(record, service.port)
            #expect(service.stop() == 0)
            let verified = try service.verify()
            #expect(verified.status == 0, "\(verified.output)")
            #expect(verified.output.contains("\(record.events.count) processes"), "\(verified.output)")
            print(
                "crashes: \(record.events.count) events, \(record.outcomes.count) outcomes,"
                    + " \(record.retries) interrupted calls, \(record.repeats) answered as repeats")
        }
    }

    private func checkEvents(_ record: CrashLedger.Record, _ port: Int) throws {
        let all = try get("/processes?definition=order-fulfilment&limit=1000", port)["processes"]?.arrayValue ?? []
        #expect(all.count == record.events.count)
        for (number, process) in record.events {
            let answer = try SocketClient.call(port, "POST", "/events", CrashLedger.order(number).bytes)
            let receipt = try JSONValue(parsing: answer.body)
            #expect(answer.status == 200 && receipt["duplicate"] == true, "event \(number): \(receipt.text)")
            #expect(receipt["processes"]?[0]?["process_id"]?.stringValue == process)
            let found = try get("/processes?definition=order-fulfilment&key=o\(number)", port)
            #expect(found["processes"]?.arrayValue?.map { $0["process_id"]?.stringValue } == [process])
            let stream = try get("/processes/\(process)/events?limit=1000", port)["events"]?.arrayValue ?? []
            #expect(stream.map { $0["version"]?.int64Value } == (1...Int64(max(stream.count, 1))).map { $0 })
            let view = try get("/processes/\(process)", port)
            #expect(view["version"]?.int64Value == Int64(stream.count))
            #expect(view["machine_state"]?["main"] == "InTransit", "\(view.text)")
        }
    }

    private func checkOutcomes(_ record: CrashLedger.Record, _ port: Int) throws {
        for task in record.outcomes {
            let view = try get("/tasks/\(task)", port)
            #expect(view["status"] == "completed", "\(view.text)")
        }
    }

    private func get(_ target: String, _ port: Int) throws -> JSONValue {
        let answer = try SocketClient.call(port, "GET", target, nil)
        #expect(answer.status == 200, "\(target)")
        return try JSONValue(parsing: answer.body)
    }
}
