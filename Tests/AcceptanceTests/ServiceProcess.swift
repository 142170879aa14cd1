import Foundation
import Glibc

/// The built binary as a process of its own, which can be killed in the middle of anything.
final class ServiceProcess {
    struct Failure: Error {
        let message: String
    }

    private let folder: String
    private var process: Process?
    private var output: Pipe?
    /// What was written to the log so far, as far as it was read.
    private(set) var log = ""
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

    /// Returns when the service listens. `openFiles`: how many files and sockets it may have open.
    func start(_ options: [String] = [], listen: String = "127.0.0.1:0", openFiles: Int? = nil) throws {
        var (process, output) = Self.command(
            ["serve", "--listen", listen, "--store", store, "--definitions", Samples.path("definitions")] + options)
        if let openFiles {
            let shell = #"ulimit -n "$0"; exec "$@""#
            let arguments = ["-c", shell, "\(openFiles)", Self.binary.path] + (process.arguments ?? [])
            (process, output) = Self.command(arguments, of: URL(fileURLWithPath: "/bin/sh"))
        }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        try process.run()
        self.process = process
        self.output = output
        log = ""
        while true {
            let bytes = output.fileHandleForReading.availableData
            log += String(decoding: bytes, as: UTF8.self)
            if let line = log.split(separator: "\n").first(where: { $0.contains("listening") }), log.hasSuffix("\n"),
                let port = line.firstMatch(of: /port\W+(\d+)/).flatMap({ Int($0.1) })
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

    /// Its process id while it runs.
    var processID: Int32 { process?.processIdentifier ?? 0 }

    func signal(_ number: Int32) {
        if let process { Glibc.kill(process.processIdentifier, number) }
    }

    /// Reads the log until the text stands in it, or to its end.
    func readLog(until text: String) {
        while !log.contains(text), let bytes = output?.fileHandleForReading.availableData, !bytes.isEmpty {
            log += String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Waits until the process has ended by itself; its exit status.
    func waitForEnd() -> Int32 {
        guard let process else { return 0 }
        readLog(until: "\u{0}")
        process.waitUntilExit()
        self.process = nil
        return process.terminationStatus
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

    static func command(
        _ arguments: [String], of program: URL? = nil, environment: [String: String] = [:]
    ) -> (process: Process, output: Pipe) {
        let process = Process()
        if !environment.isEmpty {
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        }
        let output = Pipe()
        process.executableURL = program ?? binary
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = output
        return (process, output)
    }

    /// The build puts the executable beside the test bundle.
    static let binary: URL = {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("procession")
    }()
}
