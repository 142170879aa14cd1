import API
import Access
import CEL
import Chrono
import Definitions
import Engine
import EventSourcing
import Glibc
import HTTPServer
import JSON
import ProcessManagement
import SQLiteStore
import Webhooks

/// Where a service keeps everything.
public enum StoreLocation: Sendable, Equatable {
    case sqlite(path: String)
    /// Nothing outlives the process; for tests and try-outs.
    case memory

    /// Reads `sqlite:<file>` or `memory`.
    public init?(_ text: String) {
        if text == "memory" {
            self = .memory
        } else if text.hasPrefix("sqlite:"), text.utf8.count > 7 {
            self = .sqlite(path: String(text.dropFirst(7)))
        } else {
            return nil
        }
    }
}

public struct ServiceConfiguration: Sendable {
    public var address = "127.0.0.1"
    /// 0 takes any free port.
    public var port = 7070
    public var store = StoreLocation.sqlite(path: "procession.db")
    /// Definitions to store at start.
    public var definitions: [(name: String, text: [UInt8])] = []
    /// Managers written in Swift, beside the definitions.
    public var managers: [any ManagedDefinition] = []
    /// What expressions know of time zones by name; nil for nothing but UTC and fixed offsets.
    public var timeZones: (any CELTimeZones)? = SystemTimeZones()
    /// Time stands still until it is advanced.
    public var testClock = false
    /// One advance of the test clock stops after so much real time.
    public var advanceTime = ProcessEngine.usualAdvanceTime
    /// Listen beyond loopback although nobody has to show a key.
    public var insecure = false
    /// Seals the secrets of webhooks in the store; nil for storing them as they are.
    public var secretKey: String?
    /// Addresses beyond the public internet that webhooks may have.
    public var webhookAllow: [AddressRange] = []
    /// A file of certificate authorities that receivers of webhooks may have, beside those of the system.
    public var webhookCA: String?
    /// Whose tokens are accepted beside keys.
    public var trustedTokens: TrustedTokens?
    /// How many invalid keys or tokens an address may show at once, then one every six seconds; 0 for any number.
    public var failedLogins = Gatekeeper.usualFailureLimit
    /// What the service may hold in memory.
    public var memory = MemoryPlan()
    public var maxMailbox = 10_000
    public var limits = HTTPLimits()
    public var reactors = HTTPServerOptions.defaultReactors
    /// How long what is over is kept.
    public var retention = RetentionPolicy(unmatched: .days(30), requests: .days(7))
    /// Hears of a store that fails, and of every answered request if `logsRequests`.
    public var log: ServiceLog?
    public var logsRequests = false
    /// Hears of a file that cannot be used any more until the service is started anew; may be called again.
    public var onFinalFailure: (@Sendable () -> Void)?
    /// With more than so many bytes in the WAL that cannot be copied yet, requests that write are refused.
    public var walLimit: Int64 = 1 << 30

    public init() {}
}

/// Why a service did not start: one line for people, and what to do about it.
public struct StartError: Error, Sendable, CustomStringConvertible {
    public var message: String
    public var hint: String?

    public init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    public var description: String { hint.map { "\(message); \($0)" } ?? message }
}

/// A whole service: store, engine, readers, API, server. Started once, stopped once.
public final class ProcessionService: Sendable {
    public let port: Int
    public let api: ProcessionAPI
    private let engine: EngineThread
    let readers: ReaderPool
    let managers: [any ManagedDefinition]
    let timeZones: (any CELTimeZones)?
    private let server: HTTPServer?
    private let simulator: Simulator
    private let tokens: TokenVerifier?
    /// Nil where nobody listens: a simulation sends nothing.
    private let relay: WebhookRelay?

    /// Opens the store, starts the threads, stores the definitions and, last, listens.
    ///
    /// With `listens: false` there is no server; requests go straight to `api`.
    public init(_ configuration: ServiceConfiguration, listens: Bool = true) throws(StartError) {
        if listens { try WebhookSettings.check(authorities: configuration.webhookCA) }
        let tokens = try configuration.trustedTokens?.verifier()
        self.tokens = tokens
        let parts = try Self.startEngine(configuration, tokens, listens: listens)
        let (engine, readers, gate, relay) = (parts.engine, parts.readers, parts.gate, parts.relay)
        self.engine = engine
        self.readers = readers
        self.relay = relay
        managers = configuration.managers
        let simulator = Simulator()
        self.simulator = simulator
        timeZones = configuration.timeZones
        api = ProcessionAPI(
            engine: engine, readers: readers,
            options: APIOptions(
                checkDefinition: DefinitionManagers.check,
                makeID: Identifiers.makeID, makeSecret: Identifiers.makeSecret,
                checkWebhookURL: WebhookSettings.check(configuration, gate),
                requiresLoopbackHost: !configuration.insecure, gate: gate,
                simulate: { simulator.submit($0, reply: $1) }))
        do throws(StartError) {
            if listens { try Self.checkAddress(configuration, isOpen: gate.isOpen) }
            for definition in configuration.definitions { try Self.store(definition, engine, configuration.log) }
            guard listens else {
                (server, port) = (nil, 0)
                return
            }
            var options = HTTPServerOptions(
                address: configuration.address, port: configuration.port, reactors: configuration.reactors,
                limits: configuration.memory.apply(to: configuration.limits))
            let (log, onFinalFailure) = (configuration.log, configuration.onFinalFailure)
            parts.watch?.onChange { condition in
                log?.write(
                    condition.failure == nil ? .info : .error,
                    condition.failure == nil ? "the file can be used again" : "the file cannot be used",
                    ["reason": condition.failure ?? "as it was"])
                if condition.isFinal { onFinalFailure?() }
            }
            if let log {
                if configuration.logsRequests { options.onAnswer = { log.write($0) } }
                api.readDroppedLines { log.droppedLines }
                engine.onHealthChange { [watch = parts.watch] failure in
                    // Has had its line.
                    if failure != nil, watch?.condition.failure != nil { return }
                    if let failure {
                        log.write(.error, "the store failed", ["reason": failure])
                    } else {
                        log.write(.info, "the store works again")
                    }
                }
            }
            let server = HTTPServer(options: options, handler: api)
            do throws(HTTPServerError) {
                try server.start()
            } catch {
                throw StartError("cannot listen on \(configuration.address):\(configuration.port): \(error)")
            }
            api.readStatistics { server.statistics }
            engine.answerInside { server.gatheringAnswers($0) }
            guard relay?.start(WebhookSettings.transport(configuration, gate, port: server.port)) ?? true else {
                server.stop(graceSeconds: 0)
                throw StartError("libcurl cannot be used for webhooks", hint: "is it built with TLS?")
            }
            self.server = server
            port = server.port
        } catch {
            readers.stop()
            engine.stop()
            throw error
        }
    }

    /// From now on `/readyz` says no and no task is handed out; everything else goes on until `stop`.
    public func startDraining() {
        api.startDraining()
    }

    /// Stops accepting, answers what is in flight, closes the store. Blocks until all threads have ended.
    ///
    /// - Returns: how many requests were cut because the grace time was over.
    @discardableResult
    public func stop(graceSeconds: Double = 10) -> Int {
        api.startDraining()
        // Both at the same time, so that one grace is enough.
        let relayStop = relay.map { relay in
            OSThread(name: "webhook-stop") { relay.stop(grace: .milliseconds(Int64(graceSeconds * 1000))) }
        }
        let cut = server?.stop(graceSeconds: graceSeconds) ?? 0
        relayStop?.join()
        simulator.stop()
        readers.stop()
        engine.stop()
        return cut
    }

    /// From now on these are the keys of the trusted issuer. Nothing happens without one.
    ///
    /// - Throws: if they are of no use; those before stay.
    public func replaceTokenKeys(_ jwks: [UInt8]) throws(StartError) {
        tokens?.replaceKeys(try TrustedTokens.keys(jwks))
    }

    private static func checkAddress(_ configuration: ServiceConfiguration, isOpen: Bool) throws(StartError) {
        if !configuration.isLoopback, isOpen, !configuration.insecure {
            throw StartError(
                "refusing to listen on \(configuration.address) without keys",
                hint: """
                    make one by 'procession keys create', or listen on 127.0.0.1, or say --insecure if a proxy guards \
                    the service
                    """)
        }
    }

    /// What runs beneath the API.
    private struct Parts {
        var engine: EngineThread
        var readers: ReaderPool
        var gate: Gatekeeper
        var relay: WebhookRelay?
        var watch: (any StoreWatch)?
    }

    private static func startEngine(
        _ configuration: ServiceConfiguration, _ tokens: TokenVerifier?, listens: Bool
    ) throws(StartError) -> Parts {
        do throws(StoreError) {
            let store: any ProcessStore =
                switch configuration.store {
                case .sqlite(let path): try SQLiteStore(path: path, options: sqliteOptions(configuration))
                case .memory: InMemoryProcessStore()
                }
            let watch = store.watch
            let readers = [try store.makeReader(), try store.makeReader()]
            let relayReader = listens ? try store.makeReader() : nil
            let sealer = configuration.secretKey.map { SecretSealer(secretKey: $0) } ?? SecretSealer()
            let made = try ProcessEngine(
                store: store, factory: DefinitionManagers(timeZones: configuration.timeZones),
                managers: configuration.managers, sealer: sealer, makeSecret: Identifiers.makeSecret,
                cache: configuration.memory.cacheBounds)
            made.retention = configuration.retention
            made.advanceTime = configuration.advanceTime
            let gate = Gatekeeper(
                keys: try made.accessKeys(), tokens: tokens, failureLimit: configuration.failedLogins,
                means: Identifiers.gateMeans)
            made.onKeys = { gate.replaceKeys($0) }
            nonisolated(unsafe) let engine = made  // the engine's thread alone uses it, readers have connections
            let wall = Instant(milliseconds: SystemClock.wallMilliseconds())
            var clock: Instant?
            if configuration.testClock {
                clock = try engine.testClock(startingAt: wall)
            } else {
                try engine.grantGrace(at: wall, steady: Instant(milliseconds: SystemClock.steadyMilliseconds()))
            }
            let thread = EngineThread(mailboxLimit: configuration.maxMailbox)
            thread.start(engine, testClock: clock)
            // Nobody waits for it; a use that is not stored is stored a minute later.
            gate.onUse { [weak thread] key, time in thread?.submit(.keys(.noteUse(key, at: time))) { _ in } }
            nonisolated(unsafe) let handedOver = readers  // each to one thread of the pool
            var parts = Parts(engine: thread, readers: ReaderPool(readers: handedOver), gate: gate)
            parts.watch = watch
            if let relayReader {
                nonisolated(unsafe) let relayOwned = relayReader  // to the relay's thread alone
                parts.relay = WebhookRelay(
                    engine: thread, reader: relayOwned, sealer: sealer, wording: WebhookSettings.wording)
            }
            return parts
        } catch {
            throw StartError(error)
        }
    }

    private static func sqliteOptions(_ configuration: ServiceConfiguration) -> SQLiteOptions {
        var options = configuration.memory.sqlite
        options.logLimit = configuration.walLimit
        return options
    }

    /// A file that is older than what was deployed since does not take it back; either way one line says so.
    private static func store(
        _ definition: (name: String, text: [UInt8]), _ engine: EngineThread, _ log: ServiceLog?
    ) throws(StartError) {
        let decoded: Definition
        do throws(DefinitionFaults) {
            decoded = try Definition.load(definition.text).definition
        } catch {
            let first = error.faults.first
            throw StartError(
                "\(definition.name): \(first?.pointer ?? ""): \(first?.message ?? "")",
                hint: "procession validate names every fault")
        }
        let request = EngineRequest.storeDefinition(
            DefinitionRequest(name: decoded.name, content: JSONView(decoded.canonical), keepsNewer: true))
        let actor = Actor(tenant: "default", name: "start", address: nil, requestID: Identifiers.makeID())
        switch engine.ask(.audited(request, by: actor)) {
        case .problem(let problem): throw StartError("\(definition.name): \(problem.detail)")
        case .definition(let receipt) where receipt.isNew:
            log?.write(
                .info, "definition stored",
                ["definition": receipt.name, "version": "\(receipt.version)", "by": "start", "file": definition.name])
        case .definition(let receipt) where receipt.newest != receipt.version:
            log?.write(
                .warning, "definition not stored: an older version is the same, and a newer one is there",
                [
                    "definition": receipt.name, "file": definition.name, "same_as": "\(receipt.version)",
                    "newest": "\(receipt.newest)",
                    "hint": "bring the file up to date, or take the version back with PUT /definitions/\(receipt.name)",
                ])
        default: break
        }
    }
}

extension StartError {
    /// What a store's error means to who starts a command.
    public init(_ error: StoreError) {
        switch error {
        case .unusable(let message, let hint): self.init(message, hint: hint)
        case .unavailable(let message), .unreadable(let message), .conflict(let message), .duplicate(let message),
            .unknown(let message):
            self.init(message)
        case .closed: self.init("the store is closed")
        }
    }
}
