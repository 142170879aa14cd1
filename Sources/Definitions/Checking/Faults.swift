import JSON
import ProcessManagement

// What can be seen only when the whole document is read.

extension DefinitionReader {
    mutating func check(_ definition: Definition) {
        for machine in definition.machines {
            for state in machine.states {
                for transition in state.transitions {
                    guard let to = transition.to, transition.task != nil, machine.state(named: to)?.task != nil else {
                        continue
                    }
                    fault(
                        JSONPointer.child(transition.pointer, "task"),
                        "a transition plans one task, and the state '\(to)' has one already")
                }
            }
            findLoops(machine)
        }
    }

    /// A way through states that leads back without anything to wait for: it would never end.
    private mutating func findLoops(_ machine: MachineDeclaration) {
        var ways: [String: [(to: String, pointer: String)]] = [:]
        for state in machine.states { ways[state.name] = state.waysWithoutWait }
        // The first loop through a state is reported once, at the state that comes first in the document.
        var reported: Set<String> = []
        for state in machine.states where !reported.contains(state.name) {
            guard let loop = Self.loop(from: state.name, ways) else { continue }
            reported.formUnion(loop.states)
            fault(
                loop.pointer, "a loop without a wait: \((loop.states + [state.name]).joined(separator: " → "))",
                hint: "give one of its transitions a 'when', or one of its states something to wait for")
        }
    }

    private static func loop(
        from start: String, _ ways: [String: [(to: String, pointer: String)]]
    ) -> (states: [String], pointer: String)? {
        var seen: Set<String> = []
        var path: [(state: String, next: Int)] = [(start, 0)]
        while let (state, next) = path.last {
            guard let way = ways[state], next < way.count else {
                path.removeLast()
                continue
            }
            path[path.count - 1].next += 1
            let to = way[next].to
            if to == start { return (path.map(\.state), ways[start]?[path[0].next - 1].pointer ?? "") }
            if seen.insert(to).inserted { path.append((to, 0)) }
        }
        return nil
    }
}

extension TransitionDeclaration {
    /// Without a condition, or with one that is written `true`.
    var alwaysHolds: Bool { when.map { $0.source.split(separator: " ") == ["true"] } ?? true }
}

extension StateDeclaration {
    /// Where a machine goes on at once, whatever the data: an `always` without `when`, or what follows on a sync task.
    fileprivate var waysWithoutWait: [(to: String, pointer: String)] {
        var ways: [(to: String, pointer: String)] = []
        if let way = Self.unconditional(always) { ways.append(way) }
        if task?.mode == .sync, let way = Self.unconditional(on["completed"] ?? []) { ways.append(way) }
        return ways
    }

    private static func unconditional(_ transitions: [TransitionDeclaration]) -> (to: String, pointer: String)? {
        guard let first = transitions.first(where: \.alwaysHolds), let to = first.to, first.end == nil else {
            return nil
        }
        return (to, first.pointer)
    }
}
