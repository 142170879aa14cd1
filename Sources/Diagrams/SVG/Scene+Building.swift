extension Scene {
    static let margin = 20.0
    static let framePadding = 18.0
    /// Machines stand beside each other up to this width, then in a new row.
    static let wrapWidth = 1_500.0

    init(_ graph: DefinitionGraph, marking overlay: ProcessOverlay?) {
        var heading = graph.name
        if let caption = overlay?.caption { heading += " · \(caption)" }
        let title = TextLine(heading, .title, limit: 90)
        let top = Self.margin + title.style.lineHeight + 12
        let isFramed = graph.machines.count > 1 || graph.machines.contains { $0.spawning != nil }
        var machines: [MachineScene] = []
        var (x, y, rowHeight) = (Self.margin, top, 0.0)
        var width = Self.margin + title.width
        for machine in graph.machines {
            var (scene, machineWidth, machineHeight) = MachineSceneBuilder.build(machine, marking: overlay)
            var content = Point(x: 0, y: 0)
            if isFramed {
                let header = Self.header(of: machine)
                content = Point(x: Self.framePadding, y: header.style.lineHeight + Self.framePadding + 8)
                machineWidth = max(machineWidth, header.width) + 2 * Self.framePadding
                machineHeight += content.y + Self.framePadding
                scene.header = header
                scene.frame = Rectangle(x: 0, y: 0, width: machineWidth, height: machineHeight)
            }
            if x > Self.margin, x + machineWidth > Self.wrapWidth {
                (x, y, rowHeight) = (Self.margin, y + rowHeight + Self.margin, 0)
            }
            scene.frame?.x += x
            scene.frame?.y += y
            scene.move(by: Point(x: x + content.x, y: y + content.y))
            machines.append(scene)
            width = max(width, x + machineWidth)
            x += machineWidth + Self.margin
            rowHeight = max(rowHeight, machineHeight)
        }
        self.init(
            width: width + Self.margin, height: y + rowHeight + Self.margin, title: title,
            summary: Self.summary(of: graph, overlay), machines: machines)
    }

    private static func header(of machine: MachineGraph) -> TextLine {
        guard let spawning = machine.spawning else { return TextLine(machine.name, .frame) }
        return TextLine("\(machine.name) · one per \(spawning.list)", .frame, limit: 70)
    }

    /// For whoever cannot see the picture.
    private static func summary(of graph: DefinitionGraph, _ overlay: ProcessOverlay?) -> String {
        var sentences: [String] = []
        if let description = graph.description { sentences.append(Words.oneLine(description)) }
        for machine in graph.machines {
            let states = Words.count(machine.states.count, "state")
            let transitions = Words.count(machine.edges.count, "transition")
            sentences.append("Machine \(machine.name): \(states), \(transitions), starts in \(machine.initial).")
            let present = machine.states.compactMap { state -> String? in
                let count = overlay?.count(of: machine.name, in: state.name) ?? 0
                return count == 0 ? nil : count == 1 ? state.name : "\(state.name) ×\(count)"
            }
            if !present.isEmpty { sentences.append("Now in \(present.joined(separator: ", ")).") }
        }
        return sentences.joined(separator: " ")
    }
}

extension MachineScene {
    /// Moves everything but the frame.
    mutating func move(by offset: Point) {
        for index in nodes.indices {
            nodes[index].rectangle.x += offset.x
            nodes[index].rectangle.y += offset.y
        }
        for index in edges.indices {
            edges[index].label?.x += offset.x
            edges[index].label?.y += offset.y
            switch edges[index].course {
            case .layered(let points): edges[index].course = .layered(points.map { $0.moved(by: offset) })
            case .loop(let from, let to, let reach):
                edges[index].course = .loop(from: from.moved(by: offset), to: to.moved(by: offset), reach: reach)
            }
        }
    }
}

extension Point {
    func moved(by offset: Point) -> Point { Point(x: x + offset.x, y: y + offset.y) }
}
