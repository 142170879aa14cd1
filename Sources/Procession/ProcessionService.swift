import API
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
    /// Listen beyond loopback although nobody has to show a key.
    public var insecure = false
    public var maxMailbox = 10_000
    public var limits = HTTPLimits()
    public var reactors = HTTPServerOptions.defaultReactors
    public var openAPI: [UInt8] = []
    public var definitionSchema: [UInt8] = []
    /// Hears of a store that fails, and of every answered request if `logsRequests`.
    public var log: ServiceLog?
    public var logsRequests = false

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

    /// Opens the store, starts the threads, stores the definitions and, last, listens.
    ///
    /// With `listens: false` there is no server; requests go straight to `api`.
    public init(_ configuration: ServiceConfiguration, listens: Bool = true) throws(StartError) {
        if listens { try Self.checkAddress(configuration) }
        let (engine, readers) = try Self.startEngine(configuration)
        self.engine = engine
        self.readers = readers
        managers = configuration.managers
        let simulator = Simulator()
        self.simulator = simulator
        timeZones = configuration.timeZones
        api = ProcessionAPI(
            engine: engine, readers: readers,
            options: APIOptions(
                openAPI: configuration.openAPI, definitionSchema: configuration.definitionSchema,
                checkDefinition: DefinitionManagers.check,
                makeID: Identifiers.makeID, requiresLoopbackHost: !configuration.insecure,
                simulate: { simulator.submit($0, reply: $1) }))
        do throws(StartError) {
            for definition in configuration.definitions { try Self.store(definition, engine) }
            guard listens else {
                (server, port) = (nil, 0)
                return
            }
            var options = HTTPServerOptions(
                address: configuration.address, port: configuration.port, reactors: configuration.reactors,
                limits: configuration.limits)
            if let log = configuration.log {
                if configuration.logsRequests { options.onAnswer = { log.write($0) } }
                api.readDroppedLines { log.droppedLines }
                engine.onHealthChange { failure in
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
        let cut = server?.stop(graceSeconds: graceSeconds) ?? 0
        simulator.stop()
        readers.stop()
        engine.stop()
        return cut
    }

    private static func checkAddress(_ configuration: ServiceConfiguration) throws(StartError) {
        let address = configuration.address
        let isLoopback = address == "localhost" || address == "::1" || address.hasPrefix("127.")
        if !isLoopback, !configuration.insecure {
            throw StartError(
                "refusing to listen on \(address) without keys",
                hint: "listen on 127.0.0.1, or say --insecure if a proxy guards the service")
        }
    }

    private static func startEngine(
        _ configuration: ServiceConfiguration
    ) throws(StartError) -> (EngineThread, ReaderPool) {
        do throws(StoreError) {
            let store: any ProcessStore =
                switch configuration.store {
                case .sqlite(let path): try SQLiteStore(path: path)
                case .memory: InMemoryProcessStore()
                }
            let readers = [try store.makeReader(), try store.makeReader()]
            let made = try ProcessEngine(
                store: store, factory: DefinitionManagers(timeZones: configuration.timeZones),
                managers: configuration.managers, makeSecret: Identifiers.makeSecret)
            nonisolated(unsafe) let engine = made  // the engine's thread alone uses it, readers have connections
            let wall = Instant(milliseconds: SystemClock.wallMilliseconds())
            var clock: Instant?
            if configuration.testClock {
                clock = try engine.testClock(startingAt: wall)
            } else {
                try engine.grantGrace(at: wall)
            }
            let thread = EngineThread(mailboxLimit: configuration.maxMailbox)
            thread.start(engine, testClock: clock)
            nonisolated(unsafe) let handedOver = readers  // each to one thread of the pool
            return (thread, ReaderPool(readers: handedOver))
        } catch {
            throw StartError(error)
        }
    }

    private static func store(_ definition: (name: String, text: [UInt8]), _ engine: EngineThread) throws(StartError) {
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
            DefinitionRequest(name: decoded.name, content: JSONView(decoded.canonical)))
        if case .problem(let problem) = engine.ask(request) {
            throw StartError("\(definition.name): \(problem.detail)")
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
