import Foundation
import JSON
import Testing

@Suite("Workers in other languages")
struct WorkerTests {
    @Test("an order is charged by Python, shipped by the shell and delivered")
    func order() throws {
        try withService { port in
            let base = "http://127.0.0.1:\(port)"
            let python = try Worker("worker.py", ["--once", "1", base, "charge-card"])
            // What the command writes is the result; it finds its order in the input.
            let book = #"s/.*"input":{"order_id":"\([^"]*\)".*/{"tracking":"parcel-\1"}/"#
            let shell = try Worker("worker.sh", ["--once", "1", base, "book-courier", "sed", book])
            let process = try post("OrderPlaced", ["order_id": "o1", "total": 40], port)
            try python.finish()
            try shell.finish()
            #expect(try get("/processes/\(process)", port)["machine_state"]?["main"] == "InTransit")
            #expect(try post("ParcelScanned", ["tracking": "parcel-o1", "at": "customer"], port) == process)
            let view = try get("/processes/\(process)", port)
            #expect(view["status"] == "Completed")
            #expect(view["result"] == ["order_id": "o1"])
        }
    }

    @Test("a command of the shell worker that fails is a failed attempt")
    func failingCommand() throws {
        try withService { port in
            let base = "http://127.0.0.1:\(port)"
            let process = try post("RebaseFailed", ["rebase_id": "r1", "instance_ids": ["A"]], port)
            let task = try get("/processes/\(process)", port)["active_tasks"]?[0]?["task_id"]?.stringValue
            try Worker("worker.sh", ["--once", "1", base, "CloseInstance", "sh", "-c", "exit 3"]).finish()
            let attempt = try get("/tasks/\(try #require(task))", port)["attempts"]?[0]
            #expect(attempt?["outcome"] == "failed")
            #expect(attempt?["reason"] == "the command ended with the status 3")
        }
    }

    @Test("three instances of a failed rebase are closed by Python")
    func rebase() throws {
        try withService { port in
            let process = try post("RebaseFailed", ["rebase_id": "r1", "instance_ids": ["A", "B", "C"]], port)
            try Worker("worker.py", ["--once", "3", "http://127.0.0.1:\(port)", "CloseInstance"]).finish()
            let view = try get("/processes/\(process)", port)
            #expect(view["status"] == "Completed")
            #expect(
                view["machine_state"] == ["instance/A": "Closed", "instance/B": "Closed", "instance/C": "Closed"])
        }
    }

    private func withService(_ body: (Int) throws -> Void) throws {
        try Samples.withFolder { folder in
            let service = ServiceProcess(in: folder)
            try service.start()
            try body(service.port)
            #expect(service.stop() == 0)
        }
    }

    /// The process that the event reached.
    private func post(_ type: String, _ data: JSONValue, _ port: Int) throws -> String {
        let event: JSONValue = ["type": .string(type), "data": data]
        let answer = try SocketClient.call(port, "POST", "/events", event.bytes)
        let receipt = try JSONValue(parsing: answer.body)
        return try #require(receipt["processes"]?[0]?["process_id"]?.stringValue, "\(receipt.text)")
    }

    private func get(_ target: String, _ port: Int) throws -> JSONValue {
        try JSONValue(parsing: try SocketClient.call(port, "GET", target, nil).body)
    }
}

/// An example of a worker, running beside the test.
private final class Worker {
    private let command: (process: Process, output: Pipe)

    init(_ name: String, _ arguments: [String]) throws {
        command = ServiceProcess.command(arguments, of: URL(fileURLWithPath: Samples.path("workers/\(name)")))
        try command.process.run()
    }

    deinit {
        if command.process.isRunning { command.process.terminate() }
    }

    /// Waits until the worker has done what it was to do.
    func finish() throws {
        let output = String(decoding: command.output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        command.process.waitUntilExit()
        #expect(command.process.terminationStatus == 0, "\(output)")
    }
}
