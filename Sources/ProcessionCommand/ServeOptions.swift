import ArgumentParser
import HTTPServer
import Procession

// Numbers are read by Settings, wherever they come from: a wrong one is told in one line, and by its name.

/// How much clients may ask of the service, and how long they may take.
struct LimitOptions: ParsableArguments {
    @Option(help: "How many requests may wait for the engine.")
    var maxMailbox: String?
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
        configuration.maxMailbox = try settings.number(
            "max-mailbox", maxMailbox, in: 1...1_000_000, default: configuration.maxMailbox)
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
            throw StartError("\(given.name) has to be text or json, not '\(given.text)'")
        }
        return ServiceLog(format: format)
    }
}
