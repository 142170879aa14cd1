import Definitions
import Foundation
import JSON
import ProcessManagement
import Testing

/// docs/definition.schema.json against the decoder.
@Suite("The JSON Schema of definitions")
struct SchemaTests {
    static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../..").standardizedFileURL

    static func schema() throws -> JSONSchema {
        let data = try Data(contentsOf: project.appendingPathComponent("docs/definition.schema.json"))
        return try JSONSchema(try JSONValue(parsing: Array(data)))
    }

    /// Definitions that are in the project: samples, examples, and those in the language reference.
    static func good() throws -> [(name: String, document: JSONValue)] {
        var documents: [(name: String, document: JSONValue)] = []
        for folder in ["Tests/DefinitionsTests/Samples", "docs/examples/definitions"] {
            let path = project.appendingPathComponent(folder).path
            for file in try FileManager.default.contentsOfDirectory(atPath: path).sorted() where file.hasSuffix(".json")
            {
                let data = try #require(FileManager.default.contents(atPath: "\(path)/\(file)"))
                documents.append((file, try JSONValue(parsing: Array(data))))
            }
        }
        let page = try String(contentsOf: project.appendingPathComponent("docs/language.md"), encoding: .utf8)
        for match in page.matches(of: /```json\n(.*?)```/.dotMatchesNewlines()) {
            let document = try JSONValue(parsing: Array(match.output.1.utf8))
            if document["events"] != nil { documents.append(("language.md", document)) }
        }
        for text in DecodingTests.tidy + DecodingTests.smelly.map(\.text) {
            documents.append((text, try JSONValue(parsing: text)))
        }
        return documents
    }

    @Test("it is a schema of known keywords, and every field has a description")
    func wellFormed() throws {
        let schema = try Self.schema()
        var count = 0
        func walk(_ value: JSONValue, _ pointer: String) {
            for (name, property) in value["properties"]?.objectValue?.members ?? [] {
                // Conditions repeat fields to restrict them; only what describes an object has no other fields.
                guard value["additionalProperties"]?.boolValue == false else { continue }
                count += 1
                let target = property["$ref"]?.stringValue.flatMap(schema.resolve)
                let text = property["description"] ?? target?["description"]
                #expect(text?.stringValue?.isEmpty == false, "\(pointer)/\(name)")
            }
            for (name, member) in value.objectValue?.members ?? [] { walk(member, "\(pointer)/\(name)") }
            for (index, element) in (value.arrayValue ?? []).enumerated() { walk(element, "\(pointer)/\(index)") }
        }
        walk(schema.root, "")
        #expect(count > 60)
    }

    @Test("what is right is right for both")
    func goodIsGood() throws {
        let schema = try Self.schema()
        let documents = try Self.good()
        for (name, document) in documents {
            #expect(schema.faults(document) == [], "\(name)")
            let definition = try Definition.decode(document, version: 1).definition
            #expect(schema.faults(definition.canonical) == [], "\(name), as stored")
        }
        #expect(documents.count > 30)
    }

    /// Faults that only a reader sees who knows what names and expressions mean.
    static let semantic: Set<String> = [
        "/data/a: unknown variable at column 3",
        "/data: has to be an object at column 3",
        "/events/E/key: data",
        "/events/E/key: string or an integer",
        "/initial: there is no state 'S'",
        "/machines/m/initial: there is no state 'S'",
        "/machines/m/spawn/for_each: has to give a list at column 1",
        "/machines/m/spawn/for_each: unknown variable 'counts'",
        "/machines/m/spawn/id: string or an integer at column 1",
        "/machines/m/spawn/on: is no event",
        "/states/S/after/0/at: has to give a timestamp",
        "/states/S/after/0/delay: has to give a duration",
        "/states/S/always/0/when: now",
        "/states/S/always/0: S → T → S",
        "/states/S/always: S → S",
        "/states/S/always: S → T → S",
        "/states/S/always/when: has to give a bool at column 1",
        "/states/S/defer/0: is no event",
        "/states/S/defer/0: never deferred",
        "/states/S/on/Start/correlate/a: string or an integer at column 3",
        "/states/S/on/Start/set/a: nope at column 5",
        "/states/S/on/Start/set/a: not closed at column 1",
        "/states/S/on/Start/task: has one already",
        "/states/S/on/Start/to: there is no state 'Dnoe'",
        "/states/S/on/Start/when: ",
        "/states/S/on/Start/when: Gone",
        "/states/S/on/Start/when: evnt at column 1",
        "/states/S/on/Start/when: has to give a bool",
        "/states/S/on/Start/when: nam",
        "/states/S/on/Strat: is no event of this definition",
        "/states/S/on/completed: loop without a wait",
        "/states/S/task/key: has to be a string or an integer",
    ]

    @Test("a wrong structure is wrong for both; what only the decoder can know is right for the schema")
    func badIsBad() throws {
        let schema = try Self.schema()
        var refused = 0
        var accepted: Set<String> = []
        for bad in DecodingTests.bad {
            // Not even JSON.
            guard let document = try? JSONValue(parsing: bad.text) else { continue }
            let isValid = schema.faults(document).isEmpty
            let name = bad.testDescription + (bad.column.map { " at column \($0)" } ?? "")
            if isValid { accepted.insert(name) } else { refused += 1 }
            #expect(isValid == Self.semantic.contains(name), "\(name)")
        }
        #expect(accepted == Self.semantic)
        #expect(refused > 90)
        for expression in ExpressionFaultTests.conditions {
            #expect(schema.faults(ExpressionFaultTests.definition(when: expression.source)) == [])
        }
    }

    /// An object of each kind with a field that nobody knows; the decoder names those that it knows.
    static let strange: [(pointer: String, definition: String, text: String)] = {
        let x = #""qqqqqqqqqqqq": 1"#
        let task = #"{"type": "t", \#(x)}"#
        func around(_ state: String) -> String { DecodingTests.around(#""S": {\#(state)}"#) }
        return [
            ("", "", DecodingTests.around(#""S": {}"#, more: ", \(x)")),
            ("/on_cancel", "properties/on_cancel", DecodingTests.around(#""S": {}"#, more: #", "on_cancel": {\#(x)}"#)),
            ("/events/E", "$defs/event", DecodingTests.around(#""S": {}"#, events: #", "E": {"key": "'k'", \#(x)}"#)),
            (
                "/machines/m", "$defs/machine",
                #"{"name": "d", "events": {}, "machines": {"m": {"initial": "S", "states": {"S": {}}, \#(x)}}}"#
            ),
            (
                "/machines/m/spawn", "$defs/machine/properties/spawn",
                #"{"name": "d", "events": {}, "machines": {"m": {"initial": "S", "states": {"S": {}}, "spawn": {\#(x)}}}}"#
            ),
            ("/states/S", "$defs/state", around(x)),
            ("/states/S/on/Start", "$defs/transition", around(#""on": {"Start": {\#(x)}}"#)),
            ("/states/S/always", "$defs/transition", around(#""always": {\#(x)}"#)),
            ("/states/S/after", "$defs/timer", around(#""after": {"delay": "1s", \#(x)}"#)),
            ("/states/S/task", "$defs/task", around(#""task": \#(task)"#)),
            ("/states/S/task/undo", "$defs/undo", around(#""task": {"type": "t", "undo": \#(task)}"#)),
            ("/states/S/task/retry", "$defs/retry", around(#""task": {"type": "t", "retry": {\#(x)}}"#)),
            ("/states/S/task/timeouts", "$defs/timeouts", around(#""task": {"type": "t", "timeouts": {\#(x)}}"#)),
            (
                "/states/S/on/Start/commands", "$defs/command",
                around(#""on": {"Start": {"commands": {"command": "c", \#(x)}}}"#)
            ),
            ("/states/S/on/Start/raise", "$defs/raise", around(#""on": {"Start": {"raise": {"type": "R", \#(x)}}}"#)),
            (
                "/states/S/on/Start/publish", "$defs/publish",
                around(#""on": {"Start": {"publish": {"type": "P", \#(x)}}}"#)
            ),
            ("/states/S/task", "$defs/child", around(#""task": {"process": "p", "key": "'k'", \#(x)}"#)),
            (
                "/states/S/task/timeouts", "$defs/child/properties/timeouts",
                around(#""task": {"process": "p", "key": "'k'", "timeouts": {\#(x)}}"#)
            ),
            (
                "/states/S/task/undo", "$defs/childUndo",
                around(#""task": {"type": "t", "undo": {"process": "p", "key": "'k'", \#(x)}}"#)
            ),
        ]
    }()

    @Test("both know the same fields")
    func sameFields() throws {
        let schema = try Self.schema()
        for (pointer, place, text) in Self.strange {
            let faults = DecodingTests.faults(text)
            let fault = try #require(faults.first { $0.pointer == "\(pointer)/qqqqqqqqqqqq" }, "\(place): \(faults)")
            let known = try #require(fault.hint).dropFirst("it has ".count).components(separatedBy: ", ")
            let described = place.isEmpty ? schema.root : try #require(schema.resolve("#/\(place)"))
            let names = described["properties"]?.objectValue?.members.map(\.name) ?? []
            #expect(Set(names) == Set(known), "\(place)")
            #expect(!schema.faults(try JSONValue(parsing: text)).isEmpty)
        }
    }

    @Test("defaults are those that are written into a stored definition")
    func defaults() throws {
        let schema = try Self.schema()
        let text = #"""
            {"name": "d", "events": {"Start": {"key": "event.data.id", "route": "start"}, "E": {"key": "event.data.id"}},
             "initial": "S", "states": {"S": {"task": {"type": "t", "undo": {"type": "u"}}}}}
            """#
        let stored = try Definition.load(Array(text.utf8)).definition.canonical
        func compare(_ value: JSONValue?, _ place: String, at pointer: String) throws {
            let described = place.isEmpty ? schema.root : try #require(schema.resolve("#/\(place)"))
            for (name, property) in described["properties"]?.objectValue?.members ?? [] {
                guard let standard = property["default"], name != "result", value?[name] != nil || name != "id" else {
                    continue
                }
                #expect(value?[name] == standard, "\(pointer)/\(name)")
            }
        }
        try compare(stored, "", at: "")
        try compare(stored["on_cancel"], "properties/on_cancel", at: "/on_cancel")
        try compare(stored["events"]?["E"], "$defs/event", at: "/events/E")
        let state = stored["states"]?["S"]
        try compare(state, "$defs/state", at: "/states/S")
        try compare(state?["task"], "$defs/task", at: "/states/S/task")
        try compare(state?["task"]?["retry"], "$defs/retry", at: "/states/S/task/retry")
        try compare(state?["task"]?["undo"], "$defs/undo", at: "/states/S/task/undo")
    }

    @Test("reserved event types are those of the facts, of outcomes and of children")
    func reserved() throws {
        let values = try Self.schema().resolve("#/$defs/eventType")?["not"]?["enum"]?.arrayValue ?? []
        let ours = Set(Fact.types.map(\.text)).union(["completed", "failed", "cancelled", "ChildRequested"])
        #expect(Set(values.compactMap(\.stringValue)) == ours)
    }
}
