import Foundation

/// The release binary on a store of its own, as a process of its own.
final class ServiceUnderTest {
    let folder: String
    let port: Int
    private let process = Process()

    var database: String { "\(folder)/service.db" }

    init(listeningWith options: [String] = []) throws {
        folder = FileManager.default.temporaryDirectory.path + "/procession-benchmark-\(UUID())"
        let definitions = folder + "/definitions"
        try FileManager.default.createDirectory(atPath: definitions, withIntermediateDirectories: true)
        for (name, text) in [("order", Self.order), ("reminder", Self.reminder), ("notice", Self.notice)] {
            try text.write(toFile: "\(definitions)/\(name).json", atomically: true, encoding: .utf8)
        }
        let output = Pipe()
        process.executableURL = Bundle.main.executableURL?.deletingLastPathComponent()
            .appendingPathComponent("procession")
        process.arguments =
            [
                "serve", "--listen", "127.0.0.1:0", "--store", "sqlite:\(folder)/service.db", "--definitions",
                definitions,
            ] + options
        process.standardOutput = output
        process.standardError = output
        try process.run()
        var log = ""
        while true {
            let bytes = output.fileHandleForReading.availableData
            log += String(decoding: bytes, as: UTF8.self)
            if log.hasSuffix("\n"), let range = log.range(of: "listening port="),
                let port = Int(log[range.upperBound...].prefix { $0.isNumber })
            {
                self.port = port
                return
            }
            if bytes.isEmpty { throw BenchmarkError("the service did not start: \(log)") }
        }
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    /// The figures of `/metrics` by name, histograms by `_sum` and `_count`.
    func metrics() throws -> [String: Double] {
        let page = try Sockets.ask(Requests.get("/metrics"), port: port).text
        var values: [String: Double] = [:]
        for line in page.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            if parts.count == 2, let value = Double(parts[1]) { values[String(parts[0])] = value }
        }
        return values
    }

    /// Seconds of processor time so far, of all its threads.
    func processorTime() throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 13, let user = Double(fields[11]), let system = Double(fields[12]) else {
            throw BenchmarkError("cannot read the processor time")
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    func residentMegabytes() throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (Double(line.split(separator: " ").dropFirst().first ?? "") ?? 0) / 1024
    }

    /// Fills the store with so many processes, a thousand to a request.
    func start(processes count: Int, with event: @escaping (Int) -> String) throws {
        let requests = (count + 999) / 1000
        _ = try LoadGenerator<Poster>(port: port).run([
            Poster(number: 0, stride: 1, limit: requests) { batch in
                Requests.batch((0..<min(1000, count - batch * 1000)).map { event(batch * 1000 + $0) })
            }
        ])
    }

    private static let reminder = """
        {
          "name": "reminder",
          "events": { "ReminderSet": { "key": "event.data.id", "route": "start" } },
          "initial": "Waiting",
          "states": {
            "Waiting": { "after": [ { "delay": "1h", "to": "Reminded" } ] },
            "Reminded": { "final": true }
          }
        }
        """

    private static let notice = """
        {
          "name": "notice",
          "events": { "NoticeAsked": { "key": "event.data.id", "route": "start" } },
          "initial": "Asked",
          "states": {
            "Asked": {
              "on": {
                "NoticeAsked": {
                  "to": "Given",
                  "commands": { "command": "give-notice", "payload": { "id": "${event.data.id}", "to": "Ada Lovelace" } }
                }
              }
            },
            "Given": { "final": true }
          }
        }
        """

    static let order = """
        {
          "name": "order",
          "events": {
            "OrderPlaced": { "key": "event.data.order_id", "route": "start" },
            "ParcelScanned": { "key": "event.data.order_id" }
          },
          "data": { "order_id": "${event.data.order_id}", "scans": 0 },
          "initial": "Working",
          "states": {
            "Working": {
              "task": { "type": "do-work", "input": { "order_id": "${data.order_id}" } },
              "on": {
                "completed": { "to": "Done" },
                "failed": { "fail": "${task.reason}" },
                "ParcelScanned": { "set": { "scans": "${data.scans + 1}" } }
              }
            },
            "Done": { "final": true }
          }
        }
        """
}
