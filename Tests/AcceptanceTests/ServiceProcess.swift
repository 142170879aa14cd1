import Foundation
import Glibc

/// The built binary as a process of its own, which can be killed in the middle of anything.
final class ServiceProcess {
    struct Failure: Error {
        let message: String
    }

    private let folder: String
    private var process: Process?
    /// Another one after each start; 0 while the service does not run.
    private(set) var port = 0
    /// What stands in its environment beside ours.
    var environment: [String: String] = [:]

    /// `folder` holds the store; each start opens what the last one left there.
    init(in folder: String) {
        self.folder = folder
    }

    deinit {
        kill()
    }

    var store: String { "sqlite:\(folder)/s.db" }

    /// Returns when the service listens.
    func start() throws {
        let (process, output) = Self.command([
            "serve", "--listen", "127.0.0.1:0", "--store", store, "--definitions", Samples.path("definitions"),
        ])
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        try process.run()
        self.process = process
        var log = ""
        while true {
            let bytes = output.fileHandleForReading.availableData
            log += String(decoding: bytes, as: UTF8.self)
            if let line = log.split(separator: "\n").first(where: { $0.contains(" listening port=") }),
                log.hasSuffix("\n"), let port = line.split(separator: "=").last.flatMap({ Int($0) })
            {
                self.port = port
                return
            }
            guard !bytes.isEmpty else { throw Failure(message: "the service did not start: \(log)") }
        }
    }

    /// The end without any warning (SIGKILL). Returns when it is over.
    func kill() {
        _ = end(with: SIGKILL)
    }

    /// The orderly end (SIGTERM). Returns its exit status.
    func stop() -> Int32 {
        end(with: SIGTERM)
    }

    private func end(with signal: Int32) -> Int32 {
        guard let process else { return 0 }
        self.process = nil
        port = 0
        Glibc.kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// `procession verify` on the store, which has to be stopped.
    func verify() throws -> (status: Int32, output: String) {
        try Self.run(Self.command(["verify", "--store", store]))
    }

    /// Runs a command to its end.
    static func run(_ command: (process: Process, output: Pipe)) throws -> (status: Int32, output: String) {
        try command.process.run()
        let output = String(decoding: command.output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        command.process.waitUntilExit()
        return (command.process.terminationStatus, output)
    }

    static func command(_ arguments: [String], of program: URL? = nil) -> (process: Process, output: Pipe) {
        let process = Process()
        let output = Pipe()
        process.executableURL = program ?? binary
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = output
        return (process, output)
    }

    /// The build puts the executable beside the test bundle.
    private static let binary: URL = {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("procession")
    }()
}
