import Foundation
import Glibc
import JSON

/// The receiver as a process of its own.
final class Receiver {
    struct Failure: Error {
        let message: String
    }

    /// One request that it saw.
    struct Seen {
        let record: JSONValue

        var path: String { record["path"]?.stringValue ?? "" }
        var id: String { record["id"]?.stringValue ?? "" }
        var at: Double { record["at"]?.doubleValue ?? 0 }
        var body: JSONValue { record["body"] ?? .null }
        var verified: [Bool] { record["verified"]?.arrayValue?.map { $0.boolValue == true } ?? [] }
        func header(_ name: String) -> String? { record["headers"]?[name]?.stringValue }
    }

    let port: Int
    /// What it verifies signatures with.
    let verifier: String
    private let scheme: String
    private let process: Process
    private let input: FileHandle
    private let lines: LineReader
    private var seen: [Seen] = []

    /// - Parameters:
    ///   - certificate: for TLS.
    ///   - offersHTTP2: over TLS.
    init(certificate: TestCertificate? = nil, offersHTTP2: Bool = false) throws {
        scheme = certificate == nil ? "http" : "https"
        let files = certificate.map { [$0.certificate, $0.key] } ?? []
        let (process, output) = ServiceProcess.command(
            ["-B", "-u", Self.file("receiver.py"), "0"] + files + (offersHTTP2 ? ["h2"] : []),
            of: URL(fileURLWithPath: Self.python))
        let input = Pipe()
        process.standardInput = input
        try process.run()
        self.process = process
        self.input = input.fileHandleForWriting
        lines = LineReader(output.fileHandleForReading)
        let first = try lines.next()
        guard let found = first["port"]?.int64Value else { throw Failure(message: "no receiver: \(first.text)") }
        self.port = Int(found)
        verifier = first["verifier"]?.stringValue ?? ""
    }

    deinit {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func url(_ path: String, host: String = "127.0.0.1") -> String { "\(scheme)://\(host):\(port)\(path)" }

    /// What a path's requests have to be signed with.
    func expect(_ secrets: String..., at path: String) throws { try say(([path] + secrets).joined(separator: " ")) }

    /// Where it posts outcomes to.
    func serve(_ port: Int) throws { try say("SERVICE http://127.0.0.1:\(port)") }

    /// The next request; those to other paths are kept for later.
    func next(_ path: String? = nil) throws -> Seen {
        if let index = seen.firstIndex(where: { path == nil || $0.path == path }) { return seen.remove(at: index) }
        while true {
            let request = Seen(record: try lines.next())
            if path == nil || request.path == path { return request }
            seen.append(request)
        }
    }

    private func say(_ line: String) throws {
        input.write(Data((line + "\n").utf8))
        while true {
            let answer = try lines.next()
            if answer["secrets"] != nil { return }
            seen.append(Seen(record: answer))
        }
    }

    static func file(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../Receiver/\(name)")
            .standardizedFileURL.path
    }

    /// The one that scripts/test has made, with the public package; else the machine's, and the receiver verifies on its
    /// own.
    private static var python: String {
        // Standardizing would follow the link to the machine's own Python, which does not have the package.
        var project = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { project.deleteLastPathComponent() }
        let made = project.appendingPathComponent(".build/receiver-python/bin/python3").path
        if FileManager.default.isExecutableFile(atPath: made) { return made }
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        return folders.map { "\($0)/python3" }.first { FileManager.default.isExecutableFile(atPath: $0) }
            ?? "/usr/bin/python3"
    }
}

/// JSON values, one a line, from a pipe.
private final class LineReader {
    private let handle: FileHandle
    private var buffer = Data()

    init(_ handle: FileHandle) {
        self.handle = handle
    }

    func next() throws -> JSONValue {
        while true {
            if let end = buffer.firstIndex(of: 10) {
                let line = Array(buffer[..<end])
                buffer.removeSubrange(...end)
                return try JSONValue(parsing: line)
            }
            var descriptor = pollfd(fd: handle.fileDescriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&descriptor, 1, 60_000) == 1 else {
                throw Receiver.Failure(message: "nothing came for a minute")
            }
            let more = handle.availableData
            guard !more.isEmpty else {
                throw Receiver.Failure(message: "the receiver ended: \(String(decoding: buffer, as: UTF8.self))")
            }
            buffer += more
        }
    }
}
