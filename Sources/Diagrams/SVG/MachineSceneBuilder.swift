/// Measures one machine, has it laid out, and gives everything its place, from the origin on.
struct MachineSceneBuilder {
    static let padding = 14.0
    static let mostStays = 6
    static let labelIndent = 7.0
    static let loopReach = 24.0
    static let loopGap = 8.0

    let machine: MachineGraph
    let overlay: ProcessOverlay?
    /// State → its transitions to itself, and how many others enter or leave it.
    private let loops: [String: [TransitionEdge]]
    private let degrees: [String: Int]
    /// Parallel to the boxes of the layout: the start, the states, the ends.
    private var nodes: [NodeScene] = []
    private var boxes: [LayoutBox] = []
    private var stateIndex: [String: Int] = [:]
    private var endIndex: [EndKey: Int] = [:]

    /// An end that few states lead to is drawn once; one that many lead to is drawn beside each of them, because its
    /// edges would cross the whole drawing.
    private struct EndKey: Hashable {
        let end: EndNode
        let state: String?
    }

    static let mostSharing = 3

    /// - Returns: the machine without its frame, and the size it takes.
    static func build(
        _ machine: MachineGraph, marking overlay: ProcessOverlay?
    ) -> (scene: MachineScene, width: Double, height: Double) {
        guard machine.states.count + machine.edges.count <= LayeredDrawing.maximumVertices else {
            return tooLarge(machine)
        }
        var builder = MachineSceneBuilder(machine, overlay)
        builder.addNodes()
        return builder.laidOut() ?? tooLarge(machine)
    }

    private init(_ machine: MachineGraph, _ overlay: ProcessOverlay?) {
        self.machine = machine
        self.overlay = overlay
        var loops: [String: [TransitionEdge]] = [:]
        var degrees: [String: Int] = [:]
        for edge in machine.edges {
            if edge.target == .state(edge.from) {
                loops[edge.from, default: []].append(edge)
                continue
            }
            degrees[edge.from, default: 0] += 1
            if case .state(let name) = edge.target { degrees[name, default: 0] += 1 }
        }
        self.loops = loops
        self.degrees = degrees
    }

    // MARK: Measuring

    private mutating func addNodes() {
        let births = overlay?.births(of: machine.name) ?? 0
        add(.start, [], width: 14, height: 14, ports: 0, births > 0 ? .visited : .none)
        for state in machine.states {
            stateIndex[state.name] = nodes.count
            add(state)
        }
        var sources: [EndNode: [String]] = [:]
        var known: Set<EndKey> = []
        var taken: Set<EndKey> = []
        for edge in machine.edges {
            guard case .end(let end) = edge.target else { continue }
            let key = EndKey(end: end, state: edge.from)
            if known.insert(key).inserted { sources[end, default: []].append(edge.from) }
            if count(edge) > 0 { taken.formUnion([key, EndKey(end: end, state: nil)]) }
        }
        for end in machine.ends {
            let sources = sources[end] ?? []
            for source in sources.count <= Self.mostSharing ? [nil] : sources.map(Optional.some) {
                let key = EndKey(end: end, state: source)
                add(key, isTaken: taken.contains(key))
            }
        }
    }

    private mutating func add(_ key: EndKey, isTaken: Bool) {
        endIndex[key] = nodes.count
        var lines = [TextLine(key.end.label, .name)]
        if key.end.compensates { lines.append(TextLine("after undoing", .detail)) }
        let width = (lines.map(\.width).max() ?? 0) + 2 * Self.padding + 8
        let height = lines.reduce(16) { $0 + $1.style.lineHeight }
        add(.end(key.end.kind), lines, width: width, height: height, ports: width / 2 - 16, isTaken ? .current : .none)
    }

    private mutating func add(_ state: StateNode) {
        let present = overlay?.count(of: machine.name, in: state.name) ?? 0
        let isVisited = overlay?.hasVisited(state.name, of: machine.name) ?? false
        var lines = [TextLine(present > 1 ? "\(state.name) ×\(present)" : state.name, .name, limit: 80)]
        if let task = state.task { lines.append(TextLine("task \(Words.oneLine(task))", .detail, limit: 44)) }
        if let undo = state.undo { lines.append(TextLine("undo \(Words.oneLine(undo))", .detail, limit: 44)) }
        if !state.deferred.isEmpty {
            lines.append(TextLine("defers \(state.deferred.joined(separator: ", "))", .detail, limit: 44))
        }
        let shown = state.stays.count > Self.mostStays ? Self.mostStays - 1 : state.stays.count
        for stay in state.stays.prefix(shown) { lines.append(line(of: stay, in: state.name)) }
        if shown < state.stays.count { lines.append(TextLine("… \(state.stays.count - shown) more", .detail)) }

        let loops = (self.loops[state.name] ?? []).map { loopLines($0) }
        let room = min(Double(degrees[state.name] ?? 0) / 2 * EdgeRouting.portGap + 2 * Self.padding, 320)
        let width = max(72, room, (lines.map(\.width).max() ?? 0) + 2 * Self.padding)
        let loopHeight = loops.reduce(0) { $0 + Self.height(of: $1) + Self.loopGap }
        let height = max(lines.reduce(16) { $0 + $1.style.lineHeight } + (lines.count > 1 ? 7 : 0), loopHeight + 12)
        let beside = loops.map { Self.loopReach + Self.labelIndent + Self.width(of: $0) }.max() ?? 0
        add(
            .state(isFinal: state.isFinal), lines, width: width, height: height, beside: beside, ports: width / 2 - 16,
            present > 0 ? .current : isVisited ? .visited : .none)
    }

    private func line(of stay: TransitionLabel, in state: String) -> TextLine {
        let count = overlay?.count(of: stay, in: state, of: machine.name) ?? 0
        var text = stay.trigger
        if let condition = stay.guardText { text += " [\(Words.shortened(condition, to: 24))]" }
        text += Scene.effects(of: stay)
        var line = TextLine(text, .detail, limit: 48, isTaken: count > 0)
        line.full = Scene.full(stay, from: state, to: state)
        if count > 1 { line.text += " ×\(count)" }
        return line
    }

    private mutating func add(
        _ shape: NodeScene.Shape, _ lines: [TextLine], width: Double, height: Double, beside: Double = 0,
        ports: Double, _ mark: NodeScene.Mark
    ) {
        nodes.append(
            NodeScene(
                shape: shape, rectangle: Rectangle(x: 0, y: 0, width: width, height: height), lines: lines, mark: mark))
        boxes.append(LayoutBox(left: width / 2, right: width / 2 + beside, height: height, ports: max(0, ports)))
    }

    private func count(_ edge: TransitionEdge) -> Int { overlay?.count(of: edge, in: machine.name) ?? 0 }

    private func loopLines(_ edge: TransitionEdge) -> [TextLine] {
        Scene.lines(of: edge.label, thenEnds: edge.thenEnds, count: count(edge))
    }

    private static func height(of lines: [TextLine]) -> Double {
        lines.reduce(0) { $0 + $1.style.lineHeight }
    }

    private static func width(of lines: [TextLine]) -> Double { lines.map(\.width).max() ?? 0 }

    // MARK: Placing

    private func laidOut() -> (scene: MachineScene, width: Double, height: Double)? {
        var drawn: [(edge: TransitionEdge?, from: Int, to: Int, lines: [TextLine])] = []
        if let initial = stateIndex[machine.initial] {
            let lines = machine.spawning.map { [TextLine(Words.oneLine($0.event), .trigger, limit: 36)] } ?? []
            drawn.append((nil, 0, initial, lines))
        }
        for edge in machine.edges {
            guard let from = stateIndex[edge.from], let to = target(of: edge), from != to else { continue }
            drawn.append((edge, from, to, Scene.lines(of: edge.label, thenEnds: edge.thenEnds, count: count(edge))))
        }
        let layoutEdges = drawn.map { edge in
            let label = LayoutBox(
                left: 4, right: Self.labelIndent + Self.width(of: edge.lines), height: Self.height(of: edge.lines))
            return LayoutEdge(from: edge.from, to: edge.to, label: edge.lines.isEmpty ? nil : label)
        }
        guard let drawing = LayeredDrawing(boxes: boxes, edges: layoutEdges) else { return nil }
        var scene = MachineScene(nodes: nodes, edges: [])
        for index in nodes.indices {
            scene.nodes[index].rectangle.x = drawing.boxes[index].x
            scene.nodes[index].rectangle.y = drawing.boxes[index].y
        }
        for (edge, course) in zip(drawn, drawing.edges) {
            var label = course.label
            label?.x += Self.labelIndent
            label?.width -= Self.labelIndent
            let isTaken = edge.edge.map { count($0) > 0 } ?? ((overlay?.births(of: machine.name) ?? 0) > 0)
            scene.edges.append(
                EdgeScene(
                    course: .layered(course.points), from: edge.from, to: edge.to, label: label, lines: edge.lines,
                    isTaken: isTaken, full: full(edge.edge)))
        }
        for state in machine.states { addLoops(of: state.name, to: &scene) }
        return (scene, drawing.width, drawing.height)
    }

    private func target(of edge: TransitionEdge) -> Int? {
        switch edge.target {
        case .state(let name): stateIndex[name]
        case .end(let end):
            endIndex[EndKey(end: end, state: nil)] ?? endIndex[EndKey(end: end, state: edge.from)]
        }
    }

    private func full(_ edge: TransitionEdge?) -> String {
        guard let edge else {
            guard let spawning = machine.spawning else { return "starts in \(machine.initial)" }
            return "\(spawning.event) starts one for each of \(spawning.list)"
        }
        switch edge.target {
        case .state(let name): return Scene.full(edge.label, from: edge.from, to: name)
        case .end(let end): return Scene.full(edge.label, from: edge.from, to: end.words)
        }
    }

    /// Loops stand one below the other at the right side of their box, which was made high enough for them.
    private func addLoops(of state: String, to scene: inout MachineScene) {
        guard let node = stateIndex[state] else { return }
        let rectangle = scene.nodes[node].rectangle
        var top = rectangle.y + 6 + Self.loopGap / 2
        for edge in loops[state] ?? [] {
            let lines = loopLines(edge)
            let height = Self.height(of: lines)
            let (middle, reach) = (top + height / 2, min(height / 2, 12))
            scene.edges.append(
                EdgeScene(
                    course: .loop(
                        from: Point(x: rectangle.maxX, y: middle - reach + 1),
                        to: Point(x: rectangle.maxX, y: middle + reach - 1), reach: Self.loopReach),
                    from: node, to: node,
                    label: Rectangle(
                        x: rectangle.maxX + Self.loopReach + Self.labelIndent, y: top, width: Self.width(of: lines),
                        height: height),
                    lines: lines, isTaken: count(edge) > 0, full: full(edge)))
            top += height + Self.loopGap
        }
    }

    private static func tooLarge(
        _ machine: MachineGraph
    ) -> (scene: MachineScene, width: Double, height: Double) {
        let size = "\(Words.count(machine.states.count, "state")), \(Words.count(machine.edges.count, "transition"))"
        let lines = [TextLine("Too large to draw", .name), TextLine(size, .detail)]
        let width = Self.width(of: lines) + 2 * padding
        let rectangle = Rectangle(x: 0, y: 0, width: width, height: 64)
        let node = NodeScene(shape: .notice, rectangle: rectangle, lines: lines, mark: .none)
        return (MachineScene(nodes: [node], edges: []), width, rectangle.height)
    }
}
