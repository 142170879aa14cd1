import ArgumentParser
import Chrono
import Engine
import Foundation
import Glibc
import HTTPServer
import Procession
import Webhooks

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the service until SIGTERM or SIGINT.",
        discussion:
            "Every option can also be given in the environment, as PROCESSION_LISTEN, PROCESSION_STORE and so on.")

    @Option(help: "Address and port. Beyond loopback only with a key, an issuer of tokens, or --insecure.")
    var listen: String?
    @Option(help: "sqlite:<file>, or memory.")
    var store: String?
    @Option(help: "A folder of definitions (*.json) to store at start.")
    var definitions: String?
    @Flag(help: "Time stands still until POST /clock/advance.")
    var testClock = false
    @Flag(help: "Listen beyond loopback although nobody has to show a key.")
    var insecure = false
    @Option(help: "Whose tokens (JWT) are accepted beside keys: what their iss says.")
    var jwtIssuer: String?
    @Option(help: "For whom these tokens have to be: what their aud says.")
    var jwtAudience: String?
    @Option(help: "A file with the issuer's public keys, a JWK Set.")
    var jwtJwks: String?
    @Option(help: "The claim that names the tenant; every token has to have it then.")
    var jwtTenantClaim: String?
    @Option(help: "How many requests may wait for the engine.")
    var maxMailbox: Int?
    @Option(help: "How many connections may be open.")
    var maxConnections: Int?
    @Option(
        help: "Addresses beyond the public internet that webhooks may have, such as 10.0.0.0/8; a list, or repeated.")
    var webhookAllow: [String] = []
    @Option(help: "A file of certificate authorities that receivers of webhooks may have, beside those of the system.")
    var webhookCa: String?
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
            let configuration = try configuration()
            if configuration.secretKey == nil {
                log.write(
                    "warning", "the secrets of webhooks are stored unsealed", ["hint": "set PROCESSION_SECRET_KEY"])
            }
            service = try ProcessionService(configuration)
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
        configuration.trustedTokens = try trustedTokens()
        configuration.maxMailbox = try number("MAX_MAILBOX", maxMailbox, default: configuration.maxMailbox)
        configuration.limits.connections = try number(
            "MAX_CONNECTIONS", maxConnections, default: configuration.limits.connections)
        configuration.secretKey = try secretKey()
        configuration.webhookAllow = try webhookRanges()
        configuration.webhookCA = setting("WEBHOOK_CA", webhookCa)
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

    private func webhookRanges() throws -> [AddressRange] {
        let texts = webhookAllow.isEmpty ? [setting("WEBHOOK_ALLOW", nil) ?? ""] : webhookAllow
        return try texts.flatMap { $0.split(separator: ",") }.map { text throws(StartError) in
            do throws(AddressRange.Fault) {
                return try AddressRange(text.trimmingCharacters(in: .whitespaces))
            } catch {
                throw StartError("--webhook-allow: \(error.message)")
            }
        }
    }

    /// From the environment only: a command line can be seen by others.
    private func secretKey() throws -> String? {
        if let key = setting("SECRET_KEY", nil), !key.isEmpty { return key }
        guard let path = setting("SECRET_KEY_FILE", nil), !path.isEmpty else { return nil }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw StartError("PROCESSION_SECRET_KEY_FILE: cannot read \(path)")
        }
        let key = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !key.isEmpty else { throw StartError("PROCESSION_SECRET_KEY_FILE: \(path) is empty") }
        return key
    }

    /// All three of issuer, audience and keys, or none.
    private func trustedTokens() throws -> TrustedTokens? {
        let issuer = setting("JWT_ISSUER", jwtIssuer)
        let audience = setting("JWT_AUDIENCE", jwtAudience)
        let file = setting("JWT_JWKS", jwtJwks)
        let tenantClaim = setting("JWT_TENANT_CLAIM", jwtTenantClaim)
        guard issuer != nil || audience != nil || file != nil || tenantClaim != nil else { return nil }
        guard let issuer, let audience, let file, !issuer.isEmpty, !audience.isEmpty else {
            throw StartError("--jwt-issuer, --jwt-audience and --jwt-jwks go together")
        }
        guard let jwks = FileManager.default.contents(atPath: file) else {
            throw StartError("--jwt-jwks: '\(file)' cannot be read")
        }
        return TrustedTokens(issuer: issuer, audience: audience, jwks: Array(jwks), tenantClaim: tenantClaim)
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
