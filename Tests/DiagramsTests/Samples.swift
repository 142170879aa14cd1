import Definitions
import Foundation
import JSON
import Testing

@testable import Diagrams

/// Definitions to draw: all that the project ships, and made ones.
enum Samples {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let files: [String] = {
        var files: [String] = []
        for folder in ["docs/examples/definitions", "Tests/DefinitionsTests/Samples"] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path + "/" + folder)) ?? []
            files += names.filter { $0.hasSuffix(".json") }.sorted().map { "\(folder)/\($0)" }
        }
        return files
    }()

    static func definition(_ file: String) throws -> Definition {
        try Definition.load([UInt8](Data(contentsOf: root.appendingPathComponent(file)))).definition
    }

    static func graph(_ file: String) throws -> DefinitionGraph { DefinitionGraph(try definition(file)) }

    static func graph(text: String) throws -> DefinitionGraph {
        DefinitionGraph(try Definition.load(Array(text.utf8)).definition)
    }

    /// A machine with cycles, loops, parallel edges and states that many transitions leave.
    static func large(states count: Int = 40, seed: UInt64 = 7) -> DefinitionGraph {
        var random = SplitMix(state: seed)
        let failed = EndNode(kind: .fail)
        let undone = EndNode(kind: .fail, compensates: true)
        var edges: [TransitionEdge] = []
        func add(_ from: Int, _ target: TransitionEdge.Target, _ label: TransitionLabel) {
            edges.append(TransitionEdge(from: "S\(from)", target: target, label: label))
        }
        for state in 0..<count - 1 {
            add(state, .state("S\(state + 1)"), TransitionLabel(trigger: "completed"))
            let back = Int(random.next() % UInt64(state + 1))
            add(state, .state("S\(back)"), TransitionLabel(trigger: "failed", guardText: "task.code == 'again'"))
            add(state, .end(state % 2 == 0 ? failed : undone), TransitionLabel(trigger: "failed"))
            guard state % 5 == 0 else { continue }
            for event in 0..<6 {
                let target = Int(random.next() % UInt64(count))
                let label = TransitionLabel(
                    trigger: "Event\(event)", name: event == 2 ? "chosen" : nil, effects: event == 1 ? ["raise X"] : [])
                add(state, .state("S\(target)"), label)
            }
            add(state, .state("S\(state)"), TransitionLabel(trigger: "after 3h"))
            add(state, .state("S\(state)"), TransitionLabel(trigger: "Again", guardText: "event.data.n > 3"))
        }
        let states = (0..<count).map { state in
            StateNode(
                name: "S\(state)", isInitial: state == 0, isFinal: state == count - 1,
                task: state % 3 == 0 ? "work-\(state)" : nil,
                stays: state % 4 == 0 ? [TransitionLabel(trigger: "Note", effects: ["command note"])] : [])
        }
        return DefinitionGraph(
            name: "large", version: 1,
            machines: [
                MachineGraph(name: "main", initial: "S0", states: states, ends: [failed, undone], edges: edges)
            ])
    }

    static func all() throws -> [(name: String, graph: DefinitionGraph)] {
        var all = try files.map { (name: $0, graph: try graph($0)) }
        for seed in UInt64(1)...3 { all.append(("large \(seed)", large(seed: seed))) }
        all.append(("one state", try graph(text: oneState)))
        return all
    }

    static let oneState = """
        {"name": "one", "events": {"Asked": {"key": "event.data.id", "route": "start"}}, "initial": "Only",
         "states": {"Only": {"on": {"Asked": {"to": "Only", "when": "event.data.again == true"}}}}}
        """
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
