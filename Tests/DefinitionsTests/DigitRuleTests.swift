import Chrono
import Definitions
import EventSourcing
import JSON
import ProcessManagement
import Testing

/// Numbers keep their digits for inputs from now on, and what was decided before is decided again as it was.
@Suite("Digits of numbers in definitions")
struct DigitRuleTests {
    private static let text = """
        {"name": "d", "events": {"Start": {"key": "event.data.id", "route": "start"}},
         "data": {"all": "${[event.data.n] + []}", "text": "${string(event.data.price)}"},
         "machines": {
           "main": {"initial": "S", "states": {"S": {"on": {"Start": {
             "set": {"now": "${cel.bind(x, event.data.price, [x])}"}, "correlate": {"account": "${event.data.n}"}}}}}},
           "each": {"spawn": {"on": "Start", "for_each": "event.data.list", "id": "item"}, "initial": "S",
             "states": {"S": {"on": {"Start": {"to": "E"}}}, "E": {"final": true}}}}}
        """

    private func step(by rules: DecisionRules) throws -> Step {
        let manager = DefinedProcessManager(try Definition.load(Array(Self.text.utf8)).definition)
        let data = try JSONDocument.parse(
            #"{"id":"k","n":18446744073709551615,"price":1.50,"list":[18446744073709551614,18446744073709551615]}"#)
        let event = Event(id: EventID("1"), type: "Start", source: "s", data: data.root)
        let state = ProcessState(
            processID: UniqueID(high: 1, low: 2), tenant: "default", definition: "d", definitionVersion: 1, key: "k")
        return manager.step(state, .event(event), observing: Observations(rules: rules), at: Instant(milliseconds: 0))
    }

    @Test("data, ids of machines and correlations have all digits")
    func kept() throws {
        let state = try step(by: .present).state
        #expect(state.data["all"]?.value.text == "[18446744073709551615]")
        #expect(state.data["text"]?.value == JSONView("1.50"))
        #expect(
            state.machines["each/18446744073709551614"] != nil && state.machines["each/18446744073709551615"] != nil)
        #expect(state.incidents.count == 0)
    }

    @Test("the rules before decide as they did: digits are lost, and such an id is an incident", arguments: [1, 2])
    func lost(_ number: Int) throws {
        let rules = try #require(DecisionRules(rawValue: number))
        let state = try step(by: rules).state
        #expect(state.data["all"]?.value.text == "[1.8446744073709552e+19]")
        #expect(state.data["text"]?.value == JSONView("1.5"))
        #expect(state.incidents.count == 1)
    }
}
