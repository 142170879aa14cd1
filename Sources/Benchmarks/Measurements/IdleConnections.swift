import ArgumentParser
import Glibc

/// What open connections cost that say nothing.
struct IdleConnections: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections", abstract: "Memory of idle connections, each of which had one request.")

    @Option(help: "How many.")
    var connections = 10_000

    func run() throws {
        let limit = OpenFiles.raiseLimit()
        guard limit > connections + 64 else {
            throw BenchmarkError("only \(limit) files may be open: fewer connections, or a higher `ulimit -n`")
        }
        let service = try ServiceUnderTest(listeningWith: ["--max-connections", "\(connections + 100)"])
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        let before = try service.residentMegabytes()
        for _ in 0..<connections {
            let socket = try Sockets.connect(port: service.port)
            sockets.append(socket)
            try Sockets.send(Requests.get("/livez"), to: socket)
            var bytes: [UInt8] = []
            while Answer.read(bytes[...]) == nil {
                guard try Sockets.receive(from: socket, into: &bytes) else { throw BenchmarkError("closed early") }
            }
        }
        let used = try service.residentMegabytes() - before
        let start = microseconds()
        guard try Sockets.ask(Requests.get("/readyz"), port: service.port).status == 200 else {
            throw BenchmarkError("the service is not ready")
        }
        let asked = microseconds() - start
        let open = try service.metrics()["procession_http_connections"] ?? 0
        print(
            """
            \(Int(open)) open connections: \(Spread.rounded(used * 1_048_576 / Double(connections), 0)) bytes each, \
            \(Spread.rounded(used, 1)) MB in all; another one is answered in \(Double(asked) / 1000) ms
            """)
    }
}

enum OpenFiles {
    /// As far as this process may; returns the limit.
    @discardableResult
    static func raiseLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }
}
