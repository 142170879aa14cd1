import Definitions
import EventSourcing
import JSON
import ProcessManagement
import Testing

@Suite("Why an event has no key")
struct KeyFaultTests {
    private static func manager(_ key: String) throws -> DefinedProcessManager {
        let text = """
            {"name": "d", "events": {"Start": {"key": "\(key)", "route": "start"}}, "initial": "S",
             "states": {"S": {"final": true}}}
            """
        return DefinedProcessManager(try Definition.load(Array(text.utf8)).definition)
    }

    private static func event(_ data: JSONValue, type: String = "Start") -> Event {
        Event(id: EventID("e1"), type: type, source: "", data: JSONView(data))
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let key: String
        let data: JSONValue
        let fault: String
        var testDescription: String { "\(key): \(fault)" }
    }

    private static let half = JSONNumber("1.5").map(JSONValue.number) ?? .null

    static let bad: [Bad] = [
        Bad(key: "event.data.id", data: [:], fault: "'event.data.id' fails: "),
        Bad(key: "event.data.id", data: [:], fault: "'id'"),
        Bad(key: "event.data.id", data: ["id": ""], fault: "'event.data.id' gives an empty string"),
        Bad(key: "event.data.id.trim()", data: ["id": " "], fault: "'event.data.id.trim()' gives an empty string"),
        Bad(key: "event.data.id", data: ["id": .null], fault: "gives null, neither a string nor an integer"),
        Bad(key: "event.data.id", data: ["id": true], fault: "gives a bool, neither"),
        Bad(key: "event.data.id", data: ["id": []], fault: "gives a list, neither"),
        Bad(key: "event.data.id", data: ["id": [:]], fault: "gives an object, neither"),
        Bad(key: "event.data.id", data: ["id": half], fault: "gives a number that is no integer"),
        Bad(key: "event.data.id", data: ["id": "a\0"], fault: "gives a string with U+0000 in it"),
        Bad(key: "event.data['id']", data: ["id": half], fault: "gives a double, neither"),
        Bad(key: "event.data['id']", data: ["id": ["a"]], fault: "gives a list, neither"),
    ]

    @Test("the fault of a key says what expression gave none, and why", arguments: bad)
    func fault(_ bad: Bad) throws {
        let manager = try Self.manager(bad.key)
        let event = Self.event(bad.data)
        #expect(manager.key(of: event) == nil)
        let fault = try #require(manager.keyFault(of: event))
        #expect(fault.contains(bad.fault), "got \(fault)")
    }

    @Test("a key that can be read has no fault, nor has an event that the definition does not list")
    func none() throws {
        for key in ["event.data.id", "event.data['id']", "event.data.id + event.data.id"] {
            let manager = try Self.manager(key)
            for id: JSONValue in ["a", " ", 7] {
                #expect(manager.key(of: Self.event(["id": id])) != nil)
                #expect(manager.keyFault(of: Self.event(["id": id])) == nil)
            }
            #expect(manager.keyFault(of: Self.event([:], type: "Other")) == nil)
        }
    }

    @Test(
        "a key may be an integer of any length, digit for digit",
        arguments: [
            "event.data.id", "event.data['id']", "string(event.data.id)", "cel.bind(x, event.data.id, string(x))",
        ])
    func anyLength(key: String) throws {
        let manager = try Self.manager(key)
        for digits in ["18446744073709551614", "18446744073709551615", "-89490200001234567890123"] {
            let id = try #require(JSONNumber(digits))
            #expect(manager.key(of: Self.event(["id": .number(id)])) == digits)
        }
    }

    @Test("a fault stays short, however long the expression")
    func short() throws {
        let manager = try Self.manager("event.data." + String(repeating: "long", count: 500))
        let fault = try #require(manager.keyFault(of: Self.event([:])))
        #expect(fault.unicodeScalars.count < 450)
    }
}
