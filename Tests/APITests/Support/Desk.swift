import API
import Access
import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON
import ProcessManagement
import Testing

/// A service whose handler is called without sockets.
final class Desk {
    let engine = EngineThread()
    let api: ProcessionAPI
    private let readers: ReaderPool

    /// `simulate` plays what is posted; definitions that are posted for it are valid then. `isGuarded`: keys are
    /// offered, and needed once there is one.
    init(
        maxFollowers: Int = 1000, isGuarded: Bool = false, testClock: Bool = true,
        simulate: (@Sendable (SimulationRequest, @escaping @Sendable (SimulationResult) -> Void) -> Bool)? = nil
    ) throws {
        let store = InMemoryProcessStore()
        let pool = [try store.makeReader()]
        nonisolated(unsafe) let readersHandedOver = pool
        readers = ReaderPool(readers: readersHandedOver)
        let factory: any ManagerFactory = simulate == nil ? NoDefinitions() : AnyDefinitions()
        nonisolated(unsafe) let made = try ProcessEngine(
            store: store, factory: factory, managers: [Parcel()], makeSecret: { Array(repeating: 7, count: 32) }
        )
        var gate: Gatekeeper?
        if isGuarded {
            let guarding = Gatekeeper(keys: [], means: Self.gateMeans)
            made.onKeys = { guarding.replaceKeys($0) }
            gate = guarding
        }
        engine.start(made, testClock: testClock ? Instant(milliseconds: 1_800_000_000_000) : nil)
        api = ProcessionAPI(
            engine: engine, readers: readers,
            options: APIOptions(
                checkDefinition: { _, body in
                    simulate == nil
                        ? .invalid([RequestFault(.pointer("/states"), "missing")])
                        : .valid(content: body, warnings: [])
                },
                makeID: { "made" }, makeSecret: { Array(repeating: 9, count: 32) }, gate: gate,
                maxFollowers: maxFollowers, simulate: simulate))
    }

    private static let gateMeans = Gatekeeper.Means(
        now: { Instant(milliseconds: SystemClock.wallMilliseconds()) },
        monotonicMilliseconds: { SystemClock.monotonicMicroseconds() / 1000 },
        random: { count in (0..<count).map { _ in UInt8.random(in: 0...255) } },
        makeID: { UniqueID(high: .random(in: 0...(.max)), low: .random(in: 0...(.max))) })

    /// Sends a request and does not wait for its answer.
    func begin(
        _ method: String, _ path: String, query: [(name: String, value: String)] = [],
        fields: [(String, String)] = []
    ) -> PendingAnswer {
        let answer = PendingAnswer()
        api.handle(
            HTTPRequest(
                method: method,
                path: path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init),
                query: query, headers: HTTPFields([("Host", "localhost")] + fields), body: []),
            answer.responder)
        return answer
    }

    /// Posts an event that starts a process; returns the process's id.
    @discardableResult
    func startProcess(_ key: String, padding: String = "") -> String {
        let data = #"{"key":"\#(key)","padding":"\#(padding)"}"#
        let answer = call("POST", "/events", #"{"id":"\#(key)","type":"ParcelSent","data":\#(data)}"#).json
        return answer["processes"]?[0]?["process_id"]?.stringValue ?? ""
    }

    deinit {
        readers.stop()
        engine.stop()
    }

    func call(
        _ method: String, _ path: String, _ body: String = "", type: String = "application/json",
        fields: [(String, String)] = [], query: [(name: String, value: String)] = []
    ) -> (response: HTTPResponse, json: JSONValue) {
        send(method, path, Array(body.utf8), [("Content-Type", type)] + fields, query: query)
    }

    /// With exactly these header fields besides Host. Whatever is answered has to stand in openapi.yaml.
    func send(
        _ method: String, _ path: String, _ body: [UInt8] = [], _ fields: [(String, String)] = [],
        query: [(name: String, value: String)] = []
    ) -> (response: HTTPResponse, json: JSONValue) {
        let answer = PendingAnswer()
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        api.handle(
            HTTPRequest(
                method: method, path: segments, query: query, headers: HTTPFields([("Host", "localhost")] + fields),
                body: body),
            answer.responder)
        let (response, json) = answer.wait()
        if let fault = DescribedAnswers.fault(method, segments, response) { Issue.record("\(fault)") }
        return (response, json)
    }
}

/// An answer that is still to come.
final class PendingAnswer: Sendable {
    private let answers = Mailbox<HTTPResponse>(limit: 1)

    var responder: HTTPResponder {
        let answers = answers
        return HTTPResponder { _ = answers.put($0) }
    }

    var isThere: Bool { answers.count > 0 }

    /// Blocks until it is there.
    func wait() -> (response: HTTPResponse, json: JSONValue) {
        var taken: [HTTPResponse] = []
        _ = answers.takeAll(into: &taken, until: nil)
        return (taken[0], (try? JSONValue(parsing: taken[0].body)) ?? .null)
    }
}

struct NoDefinitions: ManagerFactory {
    func makeManager(name: String, version: Int, content: JSONView) throws(Problem) -> any ManagedDefinition {
        throw Problem(.definitionNotFound, "none")
    }
}

/// Every content is a definition, of a process that does nothing.
struct AnyDefinitions: ManagerFactory {
    struct Idle: ManagedDefinition {
        let name: String
        let version: Int
        let routes: [ExactText: EventRoute] = [:]

        func key(of event: Event) -> String? { nil }

        func decide(
            _ state: ProcessState, _ trigger: Trigger, _ context: inout ProcessContext
        ) throws(DecisionFault) -> Decision { context.decision }
    }

    func makeManager(name: String, version: Int, content: JSONView) throws(Problem) -> any ManagedDefinition {
        Idle(name: name, version: version)
    }
}

/// One task; its outcome ends the process. An event that names a command has it issued.
struct Parcel: ManagedDefinition {
    let name = "parcel"
    let routes: [ExactText: EventRoute] = [
        "ParcelSent": EventRoute(kind: .start, expression: "key"),
        "ParcelLost": EventRoute(whenMissing: .reject, expression: "key"),
    ]

    func key(of event: Event) -> String? { event.data["key"]?.stringValue }

    func keyFault(of event: Event) -> String? { "'key' is missing" }

    func decide(
        _ state: ProcessState, _ trigger: Trigger, _ context: inout ProcessContext
    ) throws(DecisionFault) -> Decision {
        switch trigger {
        case .event(let event) where state.machines.isEmpty:
            if let command = event.data["command"]?.stringValue { try context.issue(command, payload: event.data) }
            try context.plan(
                machine: "main", to: "Carrying", as: "sent", task: TaskPlan(type: "carry", input: JSONView(["to": "x"]))
            )
        case .outcome: context.complete(result: JSONView(["done": true]))
        default: break
        }
        return context.decision
    }
}
