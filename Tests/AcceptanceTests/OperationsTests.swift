import Foundation
import Glibc
import JSON
import Testing

/// The service as its operator sees it: settings, log, signals, scarce resources.
@Suite("Operations")
struct OperationsTests {
    struct Wrong: Sendable, CustomTestStringConvertible {
        var arguments: [String] = []
        var environment: [String: String] = [:]
        var named: String
        var testDescription: String { named }
    }

    @Test(
        "a wrong setting stops the start in one line that names it",
        arguments: [
            Wrong(arguments: ["--listen", "nowhere"], named: "--listen"),
            Wrong(arguments: ["--listen", "::1:80"], named: "--listen"),
            Wrong(arguments: ["--max-mailbox", "0"], named: "--max-mailbox"),
            Wrong(arguments: ["--max-connections", "many"], named: "--max-connections"),
            Wrong(arguments: ["--max-connections-per-address=-1"], named: "--max-connections-per-address"),
            Wrong(arguments: ["--head-seconds", "nan"], named: "--head-seconds"),
            Wrong(arguments: ["--grace-seconds", "1e9"], named: "--grace-seconds"),
            Wrong(arguments: ["--log-format", "xml"], named: "--log-format"),
            Wrong(arguments: ["--store", "postgres:x"], named: "--store"),
            Wrong(environment: ["PROCESSION_BODY_SECONDS": "soon"], named: "PROCESSION_BODY_SECONDS"),
            Wrong(environment: ["PROCESSION_INSECURE": "maybe"], named: "PROCESSION_INSECURE"),
            Wrong(environment: ["PROCESSION_LOG_REQUESTS": "2"], named: "PROCESSION_LOG_REQUESTS"),
            Wrong(environment: ["PROCESSION_STORE_FILE": "/nowhere/at-all"], named: "PROCESSION_STORE_FILE"),
            Wrong(
                environment: ["PROCESSION_LISTEN": "127.0.0.1:0", "PROCESSION_LISTEN_FILE": "/dev/null"],
                named: "PROCESSION_LISTEN_FILE"),
        ])
    func wrongSettings(wrong: Wrong) throws {
        let store = wrong.named.hasSuffix("store") || wrong.named.contains("STORE") ? [] : ["--store", "memory"]
        let (status, output) = try ServiceProcess.run(
            ServiceProcess.command(["serve"] + store + wrong.arguments, environment: wrong.environment))
        #expect(status == 1)
        #expect(output.contains("cannot start"), "\(output)")
        #expect(output.contains(wrong.named), "\(output)")
        #expect(output.split(separator: "\n").count == 1, "\(output)")
    }

    @Test("a variable that looks like a setting and is none is named, with the one that may have been meant")
    func unknownSettings() throws {
        try Samples.withFolder { folder in
            let service = ServiceProcess(in: folder)
            // The last two are an orchestrator's own.
            service.environment = [
                "PROCESSION_LISTN": "x", "PROCESSION_COLOUR": "red", "PROCESSION_GRACE_SECONDS": "5",
                "PROCESSION_SERVICE_HOST": "10.0.0.1", "PROCESSION_PORT_7070_TCP": "tcp://10.0.0.1:7070",
            ]
            try service.start()
            let warnings = service.log.split(separator: "\n").filter { $0.contains("unknown setting") }
            #expect(warnings.count == 2, "\(service.log)")
            #expect(warnings.contains { $0.contains("PROCESSION_LISTN") && $0.contains("'PROCESSION_LISTEN'") })
            #expect(warnings.contains { $0.contains("PROCESSION_COLOUR") })
            #expect(service.stop() == 0)
        }
    }

    @Test("a start stores changed files, says so, and takes back nothing that was deployed since")
    func definitionsAtStart() throws {
        try Samples.withFolder { folder in
            let (file, definitions) = ("\(folder)/definitions/note.json", ["--definitions", "\(folder)/definitions"])
            try FileManager.default.createDirectory(
                atPath: "\(folder)/definitions", withIntermediateDirectories: true)
            func text(_ description: String) -> String {
                """
                {"name": "note", "description": "\(description)", "events": {"Noted": {"route": "start", "key": "event.data.id"}},
                 "initial": "Noted", "states": {"Noted": {"final": true}}}
                """
            }
            func write(_ description: String) throws {
                try text(description).write(toFile: file, atomically: true, encoding: .utf8)
            }
            func lines(_ service: ServiceProcess) -> [Substring] {
                service.log.split(separator: "\n").filter { $0.contains("definition") && $0.contains("note") }
            }
            let service = ServiceProcess(in: folder)
            try write("one")
            try service.start(definitions)
            try #require(lines(service).count == 1, "\(service.log)")
            #expect(lines(service)[0].contains("info definition stored definition=note version=1 by=start"))
            let put = try SocketClient.call(service.port, "PUT", "/definitions/note", Array(text("two").utf8))
            #expect(put.status == 200 || put.status == 201)
            #expect(service.stop() == 0)
            // The file is what version 1 was.
            try service.start(definitions)
            try #require(lines(service).count == 1, "\(service.log)")
            #expect(lines(service)[0].contains(" warning definition not stored"))
            #expect(lines(service)[0].contains("same_as=1 newest=2"))
            #expect(service.stop() == 0)
            // The file is what the newest version is: nothing to say.
            try write("two")
            try service.start(definitions)
            #expect(lines(service).isEmpty)
            #expect(service.stop() == 0)
            try write("three")
            try service.start(definitions)
            #expect(lines(service).first?.contains("version=3 by=start") == true)
            let audit = try JSONValue(
                parsing: SocketClient.call(service.port, "GET", "/events?category=audit", nil).body)
            let stored = audit["events"]?.arrayValue?.filter { $0["data"]?["definition"] == "note" } ?? []
            #expect(stored.map { $0["data"]?["by"]?.stringValue } == ["start", nil, "start"])
            #expect(service.stop() == 0)
        }
    }

    @Test("validate of a folder without definitions is an error")
    func validateNothing() throws {
        try Samples.withFolder { folder in
            let (status, output) = try ServiceProcess.run(ServiceProcess.command(["validate", folder]))
            #expect(status != 0)
            #expect(output.contains("there is no *.json in the folder '\(folder)'"), "\(output)")
        }
    }

    @Test("a setting can stand in a file")
    func fileSettings() throws {
        try Samples.withFolder { folder in
            try "not-an-address\n".write(toFile: "\(folder)/listen", atomically: true, encoding: .utf8)
            let (status, output) = try ServiceProcess.run(
                ServiceProcess.command(
                    ["serve", "--store", "memory"], environment: ["PROCESSION_LISTEN_FILE": "\(folder)/listen"]))
            #expect(status == 1)
            #expect(output.contains("PROCESSION_LISTEN_FILE") && output.contains("'not-an-address'"))
        }
    }

    @Test("requests are logged with their id and without their query, when that is wanted")
    func requestLog() throws {
        try Samples.withFolder { folder in
            let service = ServiceProcess(in: folder)
            try service.start(["--log-requests", "--log-format", "json"])
            _ = try SocketClient.call(service.port, "GET", "/tasks?type=x&worker=s3cret", nil)
            _ = try SocketClient.call(service.port, "GET", "/nowhere", nil)
            service.readLog(until: "/nowhere")
            #expect(service.stop() == 0)
            let lines = try service.log.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
            let requests = lines.filter { $0["message"] == "request" }
            #expect(requests.count >= 2)
            #expect(requests[0]["method"] == "GET")
            #expect(requests[0]["path"] == "/tasks")
            #expect(requests[0]["status"] == 200)
            #expect(requests[0]["remote"] == "127.0.0.1")
            #expect(requests[0]["request_id"]?.stringValue?.isEmpty == false)
            #expect((requests[0]["duration_us"]?.int64Value ?? 0) > 0)
            #expect(requests[1]["status"] == 404)
            #expect(!service.log.contains("s3cret"))
        }
    }

    @Test("nothing but the service's own events is logged otherwise")
    func quietLog() throws {
        try Samples.withFolder { folder in
            let service = ServiceProcess(in: folder)
            try service.start()
            _ = try SocketClient.call(service.port, "GET", "/livez", nil)
            service.signal(SIGTERM)
            #expect(service.waitForEnd() == 0)
            let all = service.log.split(separator: "\n")
            // One for each of the files that it stored.
            let stored = all.filter { $0.contains(" info definition stored ") }
            #expect(!stored.isEmpty && stored.allSatisfy { $0.contains("version=1") && $0.contains("by=start") })
            let lines = all.filter { !stored.contains($0) }
            let expected = [
                "warning the secrets of webhooks are stored unsealed", "info listening", "info stopping",
                "info stopped",
            ]
            #expect(lines.count == expected.count)
            for (line, message) in zip(lines, expected) {
                #expect(line.contains(try Regex(#"^\d{4}-\d\d-\d\dT[\d:.]+Z? \#(message)"#)), "\(line)")
            }
        }
    }

    @Test("health asks where the service listens", arguments: ["127.0.0.2:0", "[::1]:0", "localhost:0"])
    func health(listen: String) throws {
        try Samples.withFolder { folder in
            let service = ServiceProcess(in: folder)
            do {
                try service.start(listen: listen)
            } catch {
                // A machine without IPv6 or with one loopback address.
                guard "\(error)".contains("cannot listen") else { throw error }
                print("skipped: \(error)")
                return
            }
            let place = listen.dropLast() + "\(service.port)"
            let asked = ServiceProcess.command(["health"], environment: ["PROCESSION_LISTEN": String(place)])
            #expect(try ServiceProcess.run(asked).status == 0)
            #expect(service.stop() == 0)
            let again = ServiceProcess.command(["health", "--listen", String(place)])
            #expect(try ServiceProcess.run(again).status == 1)
        }
    }

    @Test("readyz says no while the service drains, and what is asked meanwhile is answered")
    func draining() throws {
        try Samples.withFolder { folder in
            let service = ServiceProcess(in: folder)
            try service.start(["--drain-seconds", "2"])
            let port = service.port
            #expect(try SocketClient.call(port, "GET", "/readyz", nil).status == 200)
            service.signal(SIGTERM)
            service.readLog(until: "stopping")
            // The signal is logged a moment before it takes effect.
            while try SocketClient.call(port, "GET", "/readyz", nil).status == 200 {}
            #expect(try SocketClient.call(port, "GET", "/readyz", nil).status == 503)
            #expect(try SocketClient.call(port, "GET", "/livez", nil).status == 200)
            #expect(service.waitForEnd() == 0)
        }
    }

    @Test("a second signal ends the service at once, not in order")
    func secondSignal() throws {
        try Samples.withFolder { folder in
            let service = ServiceProcess(in: folder)
            try service.start(["--drain-seconds", "600"])
            service.signal(SIGTERM)
            service.readLog(until: "stopping")
            service.signal(SIGINT)
            #expect(service.waitForEnd() == 1)
            #expect(service.log.contains("stopped at once"))
        }
    }

    @Test("without file descriptors the service waits, serves whom it has, and goes on when there are some again")
    func scarceDescriptors() throws {
        try Samples.withFolder { folder in
            let service = ServiceProcess(in: folder)
            try service.start(openFiles: 64)
            #expect(service.log.contains("the limit of open files is too low"))
            let first = try PlainConnection(port: service.port)
            #expect(try first.status(of: "/livez") == 200)
            // More than there are descriptors: the kernel completes these connections, the service cannot take them yet.
            var others = try (0..<100).map { _ in try PlainConnection(port: service.port) }
            let last = others.removeLast()
            try last.send("/livez")
            let before = try Self.processorTime(of: service.processID)
            #expect(try first.status(of: "/tasks?type=x&wait=2s") == 200)
            let used = try Self.processorTime(of: service.processID) - before
            print("two seconds without descriptors cost \(used) s of the processor")
            #expect(used < 0.5)
            others.removeAll()
            #expect(try last.status() == 200)
            #expect(try SocketClient.call(service.port, "GET", "/readyz", nil).status == 200)
            #expect(service.stop() == 0)
        }
    }

    @Test("an idle connection costs the service little memory, also after a request")
    func idleConnections() throws {
        try Samples.withFolder { folder in
            let service = ServiceProcess(in: folder)
            try service.start()
            func open(_ count: Int) throws -> [PlainConnection] {
                let connections = try (0..<count).map { _ in try PlainConnection(port: service.port) }
                for connection in connections { #expect(try connection.status(of: "/livez") == 200) }
                return connections
            }
            // What the first connections make once for all of them is not theirs.
            let first = try open(50)
            let before = try Self.residentBytes(of: service.processID)
            let rest = try open(400)
            let each = (try Self.residentBytes(of: service.processID) - before) / rest.count
            print("\(first.count + rest.count) idle connections cost the service \(each) bytes each")
            #expect(each < 4_096)
            #expect(service.stop() == 0)
        }
    }

    private static func residentBytes(of process: Int32) throws -> Int {
        let words = try String(contentsOfFile: "/proc/\(process)/statm", encoding: .utf8).split(separator: " ")
        return try #require(Int(words[1])) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func processorTime(of process: Int32) throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        let fields = try #require(text.split(separator: ")").last).split(separator: " ")
        return (try #require(Double(fields[11])) + (try #require(Double(fields[12]))))
            / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}

/// A connection that stays open between requests.
private final class PlainConnection {
    private let socket: Int32

    init(port: Int) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard socket >= 0, connected == 0 else { throw SocketClient.Failure(message: "connect: \(errno)") }
    }

    deinit { close(socket) }

    func send(_ target: String) throws {
        let request = Array("GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
        guard Glibc.send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw SocketClient.Failure(message: "send: \(errno)")
        }
    }

    /// The answers here are short: they come in one piece.
    func status() throws -> Int {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count > 12 else { throw SocketClient.Failure(message: "recv: \(count) \(errno)") }
        return Int(String(decoding: buffer[9..<12], as: UTF8.self)) ?? 0
    }

    func status(of target: String) throws -> Int {
        try send(target)
        return try status()
    }
}
