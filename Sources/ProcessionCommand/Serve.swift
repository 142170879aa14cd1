import ArgumentParser
import Chrono
import Engine
import Foundation
import Glibc
import HTTPServer
import Procession

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the service until SIGTERM or SIGINT.",
        discussion:
            "Every option can also be given in the environment, as PROCESSION_LISTEN, PROCESSION_STORE and so on.")

    @Option(help: "Address and port. Beyond loopback only with --insecure.")
    var listen: String?
    @Option(help: "sqlite:<file>, or memory.")
    var store: String?
    @Option(help: "A folder of definitions (*.json) to store at start.")
    var definitions: String?
    @Flag(help: "Time stands still until POST /clock/advance.")
    var testClock = false
    @Flag(help: "Listen beyond loopback although nobody has to show a key.")
    var insecure = false
    @Option(help: "How many requests may wait for the engine.")
    var maxMailbox: Int?
    @Option(help: "How many connections may be open.")
    var maxConnections: Int?
    @Option(help: "Remove processes so long after their end, such as 2160h; default: never.")
    var retainEnded: String?
    @Option(help: "Know repeats of events for so long; default: as long as their process is stored.")
    var retainInbox: String?
    @Option(help: "Keep events that found no process for so long, or forever; default: 720h.")
    var retainUnmatched: String?
    @Option(help: "Know repeats under an Idempotency-Key for so long, or forever; default: 168h.")
    var retainRequests: String?
    @Option(help: "text or json.")
    var logFormat: String?

    func run() throws {
        let log = ServiceLog(format: try logFormat(from: setting("LOG_FORMAT", logFormat)))
        // Before any thread starts, so that all of them inherit it and the signals wait for this one.
        let signals = Self.blockSignals()
        let service: ProcessionService
        do {
            service = try ProcessionService(try configuration())
        } catch let error as StartError {
            log.write("error", "cannot start", ["reason": error.description])
            throw ExitCode(1)
        }
        log.write("info", "listening", ["port": "\(service.port)"])
        let signal = Self.wait(for: signals)
        log.write("info", "stopping", ["signal": "\(signal)"])
        service.stop()
        log.write("info", "stopped", [:])
    }

    private func setting(_ name: String, _ option: String?) -> String? {
        option ?? ProcessInfo.processInfo.environment["PROCESSION_\(name)"]
    }

    private func flag(_ name: String, _ option: Bool) throws -> Bool {
        if option { return true }
        switch setting(name, nil) {
        case nil, "", "0", "false": return false
        case "1", "true": return true
        case let other?: throw StartError("PROCESSION_\(name) has to be true or false, not '\(other)'")
        }
    }

    private func number(_ name: String, _ option: Int?, default standard: Int) throws -> Int {
        if let option { return option }
        guard let text = setting(name, nil) else { return standard }
        guard let number = Int(text), number > 0 else {
            throw StartError("PROCESSION_\(name) has to be a number, not '\(text)'")
        }
        return number
    }

    /// A duration, or `forever`.
    private func retention(
        _ name: String, _ option: String?, default standard: TimeSpan?
    ) throws -> TimeSpan? {
        guard let text = setting("RETAIN_\(name.uppercased())", option) else { return standard }
        if text == "forever" { return nil }
        guard let span = TimeSpan(text), span >= .seconds(1) else {
            throw StartError("--retain-\(name) has to be a duration of at least 1s, such as 720h, or forever")
        }
        return span
    }

    private func logFormat(from text: String?) throws -> ServiceLog.Format {
        guard let format = ServiceLog.Format(rawValue: text ?? "text") else {
            throw ValidationError("--log-format is text or json")
        }
        return format
    }

    private func configuration() throws -> ServiceConfiguration {
        var configuration = ServiceConfiguration()
        if let text = setting("LISTEN", listen) {
            guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
                (0...65535).contains(port), colon > text.startIndex
            else { throw StartError("--listen has to be <address>:<port>, not '\(text)'") }
            configuration.address = text[..<colon].trimmingCharacters(in: ["[", "]"])
            configuration.port = port
        }
        if let text = setting("STORE", store) {
            guard let location = StoreLocation(text) else {
                throw StartError("--store has to be sqlite:<file> or memory, not '\(text)'")
            }
            configuration.store = location
        }
        if let folder = setting("DEFINITIONS", definitions) {
            configuration.definitions = try Documents.json(in: [folder]).map { ($0.name, $0.bytes) }
        }
        configuration.testClock = try flag("TEST_CLOCK", testClock)
        configuration.insecure = try flag("INSECURE", insecure)
        configuration.maxMailbox = try number("MAX_MAILBOX", maxMailbox, default: configuration.maxMailbox)
        configuration.limits.connections = try number(
            "MAX_CONNECTIONS", maxConnections, default: configuration.limits.connections)
        let standard = configuration.retention
        configuration.retention = RetentionPolicy(
            ended: try retention("ended", retainEnded, default: standard.ended),
            inbox: try retention("inbox", retainInbox, default: standard.inbox),
            unmatched: try retention("unmatched", retainUnmatched, default: standard.unmatched),
            requests: try retention("requests", retainRequests, default: standard.requests))
        configuration.openAPI = Documents.openAPI
        configuration.definitionSchema = Documents.definitionSchema
        return configuration
    }

    private static func blockSignals() -> sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        // A peer that closed its socket is an error of that write, not the end of the service.
        signal(SIGPIPE, SIG_IGN)
        return signals
    }

    private static func wait(for signals: sigset_t) -> Int32 {
        var signals = signals
        var received: Int32 = 0
        sigwait(&signals, &received)
        return received
    }
}

/// One line an event, on standard output.
struct ServiceLog {
    enum Format: String {
        case text
        case json
    }

    let format: Format

    func write(_ level: String, _ message: String, _ fields: [String: String]) {
        let time = Self.time()
        let sorted = fields.sorted { $0.key < $1.key }
        let line: String
        switch format {
        case .text: line = "\(time) \(level) \(message)" + sorted.map { " \($0.key)=\($0.value)" }.joined()
        case .json:
            line =
                (Self.json(
                    [("time", time), ("level", level), ("message", message)] + sorted.map { ($0.key, $0.value) }))
        }
        // Unbuffered: whoever reads the log through a pipe sees each line at once.
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    private static func time() -> String {
        Instant(milliseconds: SystemClock.wallMilliseconds()).rfc3339
    }
}
