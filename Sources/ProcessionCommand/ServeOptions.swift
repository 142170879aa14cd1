import ArgumentParser
import Chrono
import Engine
import Foundation
import HTTPServer
import Procession
import Webhooks

// Numbers are read by Settings, wherever they come from: a wrong one is told in one line, and by its name.

/// How much clients may ask of the service, and how long they may take.
struct LimitOptions: ParsableArguments {
    @Option(help: "How much memory the service may use, as 800M or 2G.")
    var memory: String?
    @Option(help: "How many requests may wait for the engine.")
    var maxMailbox: String?
    @Option(help: "MiB of the write-ahead log that may wait for the database before requests are refused.")
    var maxWal: String?
    @Option(help: "How many connections may be open.")
    var maxConnections: String?
    @Option(help: "How many connections one address may have; 0 for any number.")
    var maxConnectionsPerAddress: String?
    @Option(help: "Seconds in which the head of a request has to arrive.")
    var headSeconds: String?
    @Option(help: "Seconds in which the body of a request has to arrive.")
    var bodySeconds: String?
    @Option(help: "Seconds a connection may be open between two requests.")
    var idleSeconds: String?
    @Option(help: "Seconds in which a client has to take an answer, or 64 KiB of it.")
    var writeSeconds: String?

    func apply(to configuration: inout ServiceConfiguration, _ settings: Settings) throws(StartError) {
        configuration.memory =
            try settings.bytes("memory", memory, atLeast: MemoryPlan.least).map { MemoryPlan(total: $0) }
            ?? MachineMemory.plan
        configuration.maxMailbox = try settings.number(
            "max-mailbox", maxMailbox, in: 1...1_000_000, default: configuration.maxMailbox)
        configuration.walLimit =
            Int64(try settings.number("max-wal", maxWal, in: 64...1_048_576, default: 1024)) << 20
        var limits = configuration.limits
        limits.connections = try settings.number(
            "max-connections", maxConnections, in: 1...1_000_000, default: limits.connections)
        limits.connectionsPerAddress = try settings.number(
            "max-connections-per-address", maxConnectionsPerAddress, in: 0...1_000_000,
            default: limits.connectionsPerAddress)
        let range = 0.1...86_400.0
        limits.headSeconds = try settings.seconds("head-seconds", headSeconds, in: range, default: limits.headSeconds)
        limits.bodySeconds = try settings.seconds("body-seconds", bodySeconds, in: range, default: limits.bodySeconds)
        limits.idleSeconds = try settings.seconds("idle-seconds", idleSeconds, in: range, default: limits.idleSeconds)
        limits.writeStallSeconds = try settings.seconds(
            "write-seconds", writeSeconds, in: range, default: limits.writeStallSeconds)
        configuration.limits = limits
    }
}

/// Whose tokens are accepted beside keys.
struct AccessOptions: ParsableArguments {
    @Option(help: "Whose tokens (JWT) are accepted beside keys: what their iss says.")
    var jwtIssuer: String?
    @Option(help: "For whom these tokens have to be: what their aud says.")
    var jwtAudience: String?
    @Option(help: "A file with the issuer's public keys, a JWK Set.")
    var jwtJwks: String?
    @Option(help: "The claim that names the tenant; every token has to have it then.")
    var jwtTenantClaim: String?
    @Option(help: "How many wrong keys or tokens an address may show before it has to wait; 0 for any number.")
    var failedLogins: String?

    func apply(to configuration: inout ServiceConfiguration, _ settings: Settings) throws(StartError) {
        configuration.failedLogins = try settings.number(
            "failed-logins", failedLogins, in: 0...1_000_000, default: configuration.failedLogins)
        try applyTokens(to: &configuration, settings)
    }

    /// All three of issuer, audience and keys, or none.
    private func applyTokens(to configuration: inout ServiceConfiguration, _ settings: Settings) throws(StartError) {
        let issuer = try settings.text("jwt-issuer", jwtIssuer)
        let audience = try settings.text("jwt-audience", jwtAudience)
        let file = try settings.text("jwt-jwks", jwtJwks)
        let tenantClaim = try settings.text("jwt-tenant-claim", jwtTenantClaim)
        guard issuer != nil || audience != nil || file != nil || tenantClaim != nil else { return }
        guard let issuer, let audience, let file, !issuer.isEmpty, !audience.isEmpty else {
            throw StartError("--jwt-issuer, --jwt-audience and --jwt-jwks go together")
        }
        configuration.trustedTokens = TrustedTokens(
            issuer: issuer, audience: audience, jwks: try Self.contents(of: file), tenantClaim: tenantClaim)
    }

    /// The issuer's keys as they are in the file now; nil where no issuer is trusted.
    func tokenKeys(_ settings: Settings) throws(StartError) -> [UInt8]? {
        guard let file = try settings.text("jwt-jwks", jwtJwks) else { return nil }
        return try Self.contents(of: file)
    }

    private static func contents(of file: String) throws(StartError) -> [UInt8] {
        guard let jwks = FileManager.default.contents(atPath: file) else {
            throw StartError("--jwt-jwks: '\(file)' cannot be read")
        }
        return Array(jwks)
    }
}

struct WebhookOptions: ParsableArguments {
    @Option(
        help: "Addresses beyond the public internet that webhooks may have, such as 10.0.0.0/8; a list, or repeated.")
    var webhookAllow: [String] = []
    @Option(help: "A file of certificate authorities that receivers of webhooks may have, beside those of the system.")
    var webhookCa: String?

    func apply(to configuration: inout ServiceConfiguration, _ settings: Settings) throws(StartError) {
        // In the environment or a file only: a command line can be seen by others.
        let key = try settings.text("secret-key", nil)
        guard key != "" else { throw StartError("PROCESSION_SECRET_KEY is empty") }
        configuration.secretKey = key
        let inEnvironment = try settings.text("webhook-allow", nil)
        let texts = webhookAllow.isEmpty ? [inEnvironment ?? ""] : webhookAllow
        for text in texts.flatMap({ $0.split(separator: ",") }) {
            do throws(AddressRange.Fault) {
                configuration.webhookAllow.append(try AddressRange(text.trimmingCharacters(in: .whitespaces)))
            } catch {
                throw StartError("--webhook-allow: \(error.message)")
            }
        }
        configuration.webhookCA = try settings.text("webhook-ca", webhookCa)
    }
}

/// How long what is over is kept.
struct RetentionOptions: ParsableArguments {
    @Option(help: "Remove processes so long after their end, such as 2160h; default: never.")
    var retainEnded: String?
    @Option(help: "Know repeats of events for so long; default: as long as their process is stored.")
    var retainInbox: String?
    @Option(help: "Keep events that found no process for so long, or forever; default: 720h.")
    var retainUnmatched: String?
    @Option(help: "Know repeats under an Idempotency-Key for so long, or forever; default: 168h.")
    var retainRequests: String?

    func apply(to configuration: inout ServiceConfiguration, _ settings: Settings) throws(StartError) {
        let standard = configuration.retention
        configuration.retention = RetentionPolicy(
            ended: try age("retain-ended", retainEnded, settings, default: standard.ended),
            inbox: try age("retain-inbox", retainInbox, settings, default: standard.inbox),
            unmatched: try age("retain-unmatched", retainUnmatched, settings, default: standard.unmatched),
            requests: try age("retain-requests", retainRequests, settings, default: standard.requests))
    }

    /// A duration, or `forever`.
    private func age(
        _ option: String, _ value: String?, _ settings: Settings, default standard: TimeSpan?
    ) throws(StartError) -> TimeSpan? {
        guard let given = try settings.given(option, value) else { return standard }
        if given.text == "forever" { return nil }
        guard let span = TimeSpan(given.text) else {
            throw StartError(
                "\(given.name) has to be forever or \(TimeSpan.forms(insteadOf: given.text)), not '\(given.text)'")
        }
        guard span >= .seconds(1) else {
            throw StartError("\(given.name) has to be forever or at least 1s, not '\(given.text)'")
        }
        return span
    }
}

/// What happens between the signal and the end.
struct StopOptions: ParsableArguments {
    struct Times {
        var drain: Double
        var grace: Double
    }

    @Option(help: "Seconds between the signal, when /readyz says no, and the moment when nothing is accepted any more.")
    var drainSeconds: String?
    @Option(help: "Seconds in which requests are still answered then.")
    var graceSeconds: String?

    func times(_ settings: Settings) throws(StartError) -> Times {
        Times(
            drain: try settings.seconds("drain-seconds", drainSeconds, in: 0...3_600, default: 0),
            grace: try settings.seconds("grace-seconds", graceSeconds, in: 0...3_600, default: 10))
    }
}

struct LogOptions: ParsableArguments {
    @Option(help: "text or json.")
    var logFormat: String?
    @Flag(help: "Write a line for every answered request.")
    var logRequests = false

    func makeLog(_ settings: Settings) throws(StartError) -> ServiceLog {
        guard let given = try settings.given("log-format", logFormat) else { return ServiceLog(format: .text) }
        guard let format = ServiceLog.Format(rawValue: given.text) else {
            let known = ServiceLog.Format.allCases.map(\.rawValue).joined(separator: " or ")
            throw StartError("\(given.name) has to be \(known), not '\(given.text)'")
        }
        return ServiceLog(format: format)
    }
}
