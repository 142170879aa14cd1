import Foundation
import Testing

@testable import Diagrams

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("SVG")
struct SVGTests {
    @Test("Every sample is a well-formed document with a title, a description and a view box")
    func wellFormed() throws {
        for sample in try Samples.all() {
            let text = sample.graph.svg()
            let reader = SVGReader()
            #expect(reader.read(text), "\(sample.name): \(reader.error ?? "")")
            #expect(reader.elements["title", default: 0] > 0)
            #expect(reader.elements["desc"] == 1)
            #expect(reader.root["role"] == "img")
            #expect(reader.root["viewBox"] == "0 0 \(reader.root["width"] ?? "") \(reader.root["height"] ?? "")")
            #expect(!text.contains("nan") && !text.contains("inf"))
        }
    }

    @Test("Names, conditions and descriptions cannot break out of the markup")
    func escaping() throws {
        let evil = "</text><script>alert(\"1\")</script> & \u{1} \u{FFFE} ' --> ]]>"
        let graph = DefinitionGraph(
            name: evil, version: 1, description: evil,
            machines: [
                MachineGraph(
                    name: evil, spawning: .init(event: evil, list: evil), initial: evil,
                    states: [
                        StateNode(
                            name: evil, isInitial: true, task: evil, undo: evil, timers: [evil], deferred: [evil],
                            stays: [TransitionLabel(trigger: evil, guardText: evil, name: evil, effects: [evil])])
                    ], ends: [],
                    edges: [
                        TransitionEdge(
                            from: evil, target: .state(evil),
                            label: TransitionLabel(trigger: evil, guardText: evil, name: evil))
                    ])
            ])
        let reader = SVGReader()
        #expect(reader.read(graph.svg()), "\(reader.error ?? "")")
        #expect(reader.elements["script"] == nil)
        #expect(reader.text.contains("<script>"))
    }

    @Test("The same definition gives the same bytes, read and drawn anew")
    func deterministic() throws {
        for file in Samples.files {
            let first = try Samples.graph(file)
            let second = try Samples.graph(file)
            #expect(first == second)
            #expect(first.svg() == second.svg())
            #expect(first.mermaid() == second.mermaid())
        }
        #expect(Samples.large().svg() == Samples.large().svg())
    }

    @Test("The picture in the documentation is the one that is drawn")
    func documented() throws {
        let file = Samples.root.appendingPathComponent("docs/examples/diagrams/order-fulfilment.svg")
        let graph = try Samples.graph("docs/examples/definitions/order-fulfilment.json")
        #expect(try String(contentsOf: file, encoding: .utf8) == graph.svg())
    }

    @Test("An end that many states lead to is drawn beside each of them")
    func manyEnds() {
        let scene = Scene(Samples.large(), marking: nil)
        let ends = scene.machines[0].nodes.count { if case .end = $0.shape { true } else { false } }
        #expect(ends == 39)
    }

    @Test("A machine with too much to draw is a box that says so")
    func tooLarge() {
        let states = (0..<3_000).map { StateNode(name: "S\($0)") }
        let edges = (1..<3_000).flatMap { state in
            [0, state - 1].map { from in
                TransitionEdge(from: "S\(from)", target: .state("S\(state)"), label: TransitionLabel(trigger: "go"))
            }
        }
        let machine = MachineGraph(name: "main", initial: "S0", states: states, ends: [], edges: edges)
        let text = DefinitionGraph(name: "huge", version: 1, machines: [machine]).svg()
        #expect(text.contains("Too large to draw"))
        #expect(text.contains("3000 states, 5998 transitions"))
    }

    @Test(
        "Lengths are written with one decimal at the most",
        arguments: [(0.0, "0"), (1.25, "1.3"), (-0.04, "0"), (-2.5, "-2.5"), (12.0, "12"), (1234.56, "1234.6")])
    func numbers(value: Double, text: String) {
        #expect(SVGNumber.text(value) == text)
    }

    @Test("Every selector is bound to the picture")
    func style() {
        for line in SVGStyle.text.split(separator: "\n") where !line.hasPrefix("@") && line != "}" {
            let selectors = line.prefix { $0 != "{" }.split(separator: ",")
            #expect(selectors.allSatisfy { $0.contains(".procession-diagram ") }, "\(line)")
        }
        #expect(SVGStyle.text.contains("@media (prefers-color-scheme: dark)"))
    }
}

private final class SVGReader: NSObject, XMLParserDelegate {
    var elements: [String: Int] = [:]
    var root: [String: String] = [:]
    var text = ""
    var error: String?

    func read(_ document: String) -> Bool {
        let parser = XMLParser(data: Data(document.utf8))
        parser.delegate = self
        let isGood = parser.parse()
        error = parser.parserError.map { "\($0) in line \(parser.lineNumber)" }
        return isGood
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String] = [:]
    ) {
        if elements.isEmpty { root = attributes }
        elements[name, default: 0] += 1
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        text += string
    }
}
