import Testing

@testable import Diagrams

@Suite("The graph of a definition")
struct GraphTests {
    @Test("States and transitions come in the order of the document")
    func order() throws {
        let graph = try Samples.graph("docs/examples/definitions/order-fulfilment.json")
        #expect(graph.name == "order-fulfilment")
        let machine = try #require(graph.machines.first)
        #expect(graph.machines.count == 1)
        #expect(machine.name == "main")
        #expect(machine.spawning == nil)
        #expect(machine.states.map(\.name) == ["Charging", "Shipping", "InTransit", "Delivered"])
        #expect(machine.states.map(\.isInitial) == [true, false, false, false])
        #expect(machine.states.map(\.isFinal) == [false, false, false, true])
        #expect(machine.states[0].task == "charge-card")
        #expect(machine.states[0].undo == "refund-card")
        #expect(machine.states[2].timers == ["after 72h"])
        let edges = machine.edges.filter { $0.from == "Charging" }
        #expect(edges.map(\.label.trigger) == ["completed", "failed", "failed", "OrderCancelled"])
        #expect(edges[0].target == .state("Shipping"))
        #expect(edges[1].label.guardText == "task.code == 'card_declined'")
        #expect(edges[1].target == .end(EndNode(kind: .fail)))
        #expect(edges[2].target == .end(EndNode(kind: .fail, compensates: true)))
        #expect(edges[3].target == .end(EndNode(kind: .cancel, compensates: true)))
        #expect(machine.ends.count == 3)
    }

    @Test("What stays in its state belongs to the state")
    func stays() throws {
        let graph = try Samples.graph("Tests/DefinitionsTests/Samples/whole-language.json")
        let machine = graph.machines[0]
        let working = machine.states[1]
        let triggers = working.stays.map(\.trigger)
        #expect(triggers == ["completed", "completed:tell", "failed:tell", "Changed", "after 10m"])
        #expect(working.stays[0].sets == ["price"])
        #expect(working.stays[2].effects == ["raise Trouble"])
        #expect(working.stays[3].effects == ["task tell", "command note"])
        #expect(working.stays[4].name == "soon")
        #expect(working.stays[4].recorded == "soon")
        #expect(machine.states[0].deferred == ["Changed"])
        let leaving = machine.edges.filter { $0.from == "Working" }.map(\.label.trigger)
        #expect(
            leaving == ["Closed", "Trouble", "after duration('1h')", "at event.time + duration('24h')", "always"])
        #expect(working.timers == ["after 10m", "after duration('1h')", "at event.time + duration('24h')"])
    }

    @Test("A spawned machine says what it is spawned for")
    func spawning() throws {
        let graph = try Samples.graph("Tests/DefinitionsTests/Samples/whole-language.json")
        #expect(graph.machines.map(\.name) == ["main", "item"])
        #expect(graph.machines[1].spawning == .init(event: "Opened", list: "event.data.items"))
    }

    @Test("A transition may enter a state and end the process")
    func thenEnds() throws {
        let graph = try Samples.graph(
            text: """
                {"name": "both", "events": {"Asked": {"key": "event.data.id", "route": "start"}}, "initial": "A",
                 "states": {"A": {"on": {"Asked": {"to": "B", "fail": "no"}}},
                            "B": {"on": {"Asked": {"to": "A"}}}}}
                """)
        let edge = graph.machines[0].edges[0]
        #expect(edge.target == .state("B"))
        #expect(edge.thenEnds == EndNode(kind: .fail))
        #expect(graph.svg().contains("then Failed"))
        #expect(graph.mermaid().contains("A --> B : Asked, then Failed"))
    }

    @Test(
        "Text comes on one line, short where there is little room",
        arguments: [("a\n  b\t c", "a b c"), ("  x ", "x"), ("", ""), ("a\u{0}b", "a b")])
    func oneLine(text: String, line: String) {
        #expect(Words.oneLine(text) == line)
    }

    @Test("Cut text ends in an ellipsis and keeps the limit")
    func shortened() {
        #expect(Words.shortened("abcdef", to: 6) == "abcdef")
        #expect(Words.shortened("abcdefg", to: 6) == "abcde…")
    }
}
