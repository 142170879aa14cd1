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
    ///
    /// Each state is walked through once, so that the work grows with the states; a state is part of one loop that is
    /// told at most.
    private mutating func findLoops(_ machine: MachineDeclaration) {
        let ways = machine.states.map(\.waysWithoutWait)
        let indices = Dictionary(machine.states.indices.map { (machine.states[$0].name, $0) }) { first, _ in first }
        var places: [Int: Int] = [:]
        var isDone = [Bool](repeating: false, count: ways.count)
        var isTold = isDone
        for start in machine.states.indices where !isDone[start] {
            var path: [(state: Int, next: Int)] = [(start, 0)]
            places[start] = 0
            while let (state, next) = path.last {
                guard next < ways[state].count else {
                    path.removeLast()
                    places[state] = nil
                    isDone[state] = true
                    continue
                }
                path[path.count - 1].next += 1
                guard let to = indices[ways[state][next].to], !isDone[to] else { continue }
                if let place = places[to] {
                    let loop = path[place...].map { (state: $0.state, pointer: ways[$0.state][$0.next - 1].pointer) }
                    if loop.contains(where: { isTold[$0.state] }) { continue }
                    for step in loop { isTold[step.state] = true }
                    tell(loop, of: machine)
                } else {
                    places[to] = path.count
                    path.append((to, 0))
                }
            }
        }
    }

    /// It is told at the state that comes first in the document.
    private mutating func tell(_ loop: [(state: Int, pointer: String)], of machine: MachineDeclaration) {
        guard let first = loop.indices.min(by: { loop[$0].state < loop[$1].state }) else { return }
        let states = (loop[first...] + loop[..<first] + [loop[first]]).map { machine.states[$0.state].name }
        fault(
            loop[first].pointer, "a loop without a wait: \(states.joined(separator: " → "))",
            hint: "give one of its transitions a 'when', or one of its states something to wait for")
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
