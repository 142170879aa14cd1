import API
import Chrono
import Definitions
import Engine
import HTTPServer
import JSON
import ProcessManagement
import Testing

@Suite("Diagrams over HTTP")
struct DiagramTests {
    static let kettle = """
        {"name": "kettle", "events": {"Filled": {"key": "event.data.id", "route": "start"},
                                      "Switched": {"key": "event.data.id"}},
         "initial": "Cold",
         "states": {"Cold": {"on": {"Switched": {"to": "Hot"}}},
                    "Hot": {"on": {"Switched": {"to": "Cold"}}, "after": [{"delay": "1h", "cancel": "boiled dry"}]}}}
        """

    @Test("A definition is drawn as SVG, or as Mermaid for those who ask")
    func definition() throws {
        let desk = try DrawingDesk()
        #expect(desk.call("PUT", "/definitions/kettle", Self.kettle).status == 201)
        let picture = desk.call("GET", "/definitions/kettle/diagram")
        #expect(picture.status == 200)
        #expect(picture["Content-Type"] == "image/svg+xml")
        #expect(picture["Vary"] == "Accept")
        #expect(picture["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'")
        #expect(picture.text.hasPrefix("<svg "))
        #expect(picture.text.contains("<title>kettle</title>"))
        #expect(desk.call("GET", "/definitions/kettle/versions/1/diagram").body == picture.body)
        let text = desk.call("GET", "/definitions/kettle/diagram", fields: [("Accept", "text/vnd.mermaid")])
        #expect(text["Content-Type"] == "text/vnd.mermaid; charset=utf-8")
        #expect(text.text.contains("Cold --> Hot : Switched"))
    }

    @Test("A process is drawn where it is, and where it was")
    func process() throws {
        let desk = try DrawingDesk()
        _ = desk.call("PUT", "/definitions/kettle", Self.kettle)
        let started = desk.call("POST", "/events", #"{"id": "1", "type": "Filled", "data": {"id": "k"}}"#)
        let id = try #require(
            JSONValue(parsing: started.body)["processes"]?[0]?["process_id"]?.stringValue)
        for event in 2...4 {
            _ = desk.call("POST", "/events", #"{"id": "\#(event)", "type": "Switched", "data": {"id": "k"}}"#)
        }
        let fields = [("Accept", "text/vnd.mermaid")]
        let now = desk.call("GET", "/processes/\(id)/diagram", fields: fields)
        #expect(now.status == 200)
        #expect(now.text.contains("title: \"kettle · k, Running\""))
        #expect(now.text.contains("Cold --> Hot : Switched ×2"))
        #expect(now.text.contains("Hot --> Cold : Switched ×1"))
        #expect(now.text.contains("class Hot current"))
        let start = desk.call("GET", "/processes/\(id)/diagram", fields: fields, query: [("at", "3")])
        #expect(start.text.contains("class Cold current"))
        #expect(!start.text.contains("×"))
        #expect(desk.call("GET", "/processes/\(id)/diagram").text.contains("Now in Hot."))
    }

    @Test("What is not there is not drawn")
    func missing() throws {
        let desk = try DrawingDesk()
        _ = desk.call("PUT", "/definitions/kettle", Self.kettle)
        #expect(desk.call("GET", "/definitions/pot/diagram").status == 404)
        #expect(desk.call("GET", "/definitions/kettle/versions/2/diagram").status == 404)
        #expect(desk.call("GET", "/processes/00000000-0000-5000-8000-000000000000/diagram").status == 404)
        #expect(desk.call("GET", "/definitions/kettle/diagram", query: [("size", "9")]).status == 400)
        let started = desk.call("POST", "/events", #"{"id": "1", "type": "Filled", "data": {"id": "k"}}"#)
        let id = try #require(
            JSONValue(parsing: started.body)["processes"]?[0]?["process_id"]?.stringValue)
        #expect(desk.call("GET", "/processes/\(id)/diagram", query: [("at", "99")]).status == 400)
    }

    @Test(
        "Accept is honoured",
        arguments: [
            ("*/*", "image/svg+xml"), ("image/*", "image/svg+xml"), ("text/*", "text/vnd.mermaid; charset=utf-8"),
            ("text/plain", "text/plain; charset=utf-8"),
            ("text/html, application/xml;q=0.9, image/avif, */*;q=0.8", "image/svg+xml"),
            ("image/svg+xml;q=0.1, text/plain;q=0.5", "text/plain; charset=utf-8"),
            ("image/svg+xml;q=0, */*", "text/vnd.mermaid; charset=utf-8"),
            ("TEXT/PLAIN ; q=1", "text/plain; charset=utf-8"), ("text/plain;q=nan, */*", "image/svg+xml"),
        ])
    func accept(header: String, type: String) throws {
        let desk = try DrawingDesk()
        _ = desk.call("PUT", "/definitions/kettle", Self.kettle)
        let answer = desk.call("GET", "/definitions/kettle/diagram", fields: [("Accept", header)])
        #expect(answer["Content-Type"] == type)
    }
}

/// A service that knows JSON definitions; its handler is called without sockets.
private final class DrawingDesk {
    let engine = EngineThread()
    let api: ProcessionAPI
    private let readers: ReaderPool

    init() throws {
        let store = InMemoryProcessStore()
        let pool = [try store.makeReader()]
        nonisolated(unsafe) let readersHandedOver = pool
        readers = ReaderPool(readers: readersHandedOver)
        nonisolated(unsafe) let made = try ProcessEngine(
            store: store, factory: Factory(), managers: [], makeSecret: { Array(repeating: 7, count: 32) })
        engine.start(made, testClock: Instant(milliseconds: 1_800_000_000_000))
        api = ProcessionAPI(
            engine: engine, readers: readers,
            options: APIOptions(
                checkDefinition: { _, body in
                    guard let (definition, _) = try? Definition.decode(body, version: 1) else { return .invalid([]) }
                    return .valid(content: JSONView(definition.canonical), warnings: [])
                },
                makeID: { "made" }, makeSecret: { Array(repeating: 9, count: 32) }))
    }

    deinit {
        readers.stop()
        engine.stop()
    }

    func call(
        _ method: String, _ path: String, _ body: String = "", fields: [(String, String)] = [],
        query: [(name: String, value: String)] = []
    ) -> HTTPResponse {
        let answers = Mailbox<HTTPResponse>(limit: 1)
        api.handle(
            HTTPRequest(
                method: method, path: path.split(separator: "/").map(String.init), query: query,
                headers: HTTPFields([("Host", "localhost"), ("Content-Type", "application/json")] + fields),
                body: Array(body.utf8)),
            HTTPResponder { _ = answers.put($0) })
        var taken: [HTTPResponse] = []
        _ = answers.takeAll(into: &taken, until: nil)
        return taken[0]
    }
}

private struct Factory: ManagerFactory {
    func makeManager(name: String, version: Int, content: JSONView) throws(Problem) -> any ManagedDefinition {
        guard let (definition, _) = try? Definition.decode(content, version: version) else {
            throw Problem(.definitionNotFound, "cannot be read")
        }
        return DefinedProcessManager(definition)
    }
}

extension HTTPResponse {
    fileprivate var text: String { String(decoding: body, as: UTF8.self) }
}
