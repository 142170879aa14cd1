import Dispatch
import Foundation
import Glibc
import Testing

/// Which of a program's calls on the files of a store fail (Tests/FaultShim).
struct Faults: Sendable, CustomStringConvertible {
    var first: Int
    /// Every call from the first one on, as with a disk that is gone; else that one only.
    var last: Bool
    var error: Int32 = EIO

    var description: String { "\(last ? "from " : "")call \(first) (\(String(cString: strerror(error))))" }
}

/// The binary with faults, and what came of it.
struct FaultyProgram {
    let status: Int32
    /// It ended by itself: no signal, no hang.
    let hasEnded: Bool
    let output: String
    /// The calls that failed, as `<number> <call> <path>`.
    let failed: [String]

    /// `path`: the files of the store begin with it. `settings`: further ones of the shim. `listening` is called once the
    /// service listens, with its port.
    static func run(
        _ arguments: [String], on path: String, _ faults: Faults, settings: [String: String] = [:],
        listening: ((Int, Process) -> Void)? = nil
    ) throws -> FaultyProgram {
        let log = "\(path)-faults.log"
        unlink(log)
        let shim = ServiceProcess.binary.deletingLastPathComponent().appendingPathComponent("libFaultShim.so").path
        try #require(FileManager.default.fileExists(atPath: shim))
        let (process, output) = ServiceProcess.command(
            arguments,
            environment: [
                "LD_PRELOAD": shim, "FAULT_PATH": path, "FAULT_FIRST": "\(faults.first)", "FAULT_LOG": log,
                "FAULT_LAST": "\(faults.last ? .max : faults.first)", "FAULT_ERROR": "\(faults.error)",
            ].merging(settings) { $1 })
        try process.run()
        let pid = process.processIdentifier
        // A hang is ended by this, and shows as an end by a signal.
        let guardian = DispatchWorkItem { Glibc.kill(pid, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + 30, execute: guardian)
        defer { guardian.cancel() }
        var text = ""
        var isTold = false
        while true {
            let bytes = output.fileHandleForReading.availableData
            if bytes.isEmpty { break }
            text += String(decoding: bytes, as: UTF8.self)
            if !isTold, let port = text.firstMatch(of: /listening.*port=(\d+)\n/).flatMap({ Int($0.1) }) {
                isTold = true
                listening?(port, process)
            }
        }
        process.waitUntilExit()
        let lines = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        return FaultyProgram(
            status: process.terminationStatus, hasEnded: process.terminationReason == .exit, output: text,
            failed: lines.split(separator: "\n").map(String.init))
    }

    /// What it says to people when it fails.
    var messages: [String] {
        output.split(separator: "\n").map(String.init).filter { $0.hasPrefix("Error: ") || $0.contains(" error ") }
    }

    /// A line that people can do something with: it names the file, says nothing of Swift, and calls nothing damaged.
    static func isForPeople(_ line: String, path: String) -> Bool {
        line.contains(path) && !line.contains(swiftSpelling) && !line.contains(/damaged|malformed|DIFFERENCE/)
    }

    /// How Swift writes values: `unavailable("…")`, `Optional(…)`, `StoreError`, a domain of errors.
    static var swiftSpelling: Regex<Substring> {
        /Error Domain|NSError|[A-Z]\w+Error\b|Optional\(|\b[a-z]\w*\("|Code=|__C\./
    }
}
