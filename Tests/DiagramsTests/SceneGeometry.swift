@testable import Diagrams

/// What is wrong with the places in a scene, in words; empty for a good one.
struct SceneGeometry {
    private(set) var faults: [String] = []
    private let bounds: Rectangle

    init(_ scene: Scene) {
        bounds = Rectangle(x: 0, y: 0, width: scene.width, height: scene.height)
        for machine in scene.machines { check(machine) }
        let frames = scene.machines.compactMap(\.frame)
        for (index, frame) in frames.enumerated() {
            require(frame, isInside: bounds, "frame \(index)")
            for other in frames[(index + 1)...] where overlap(frame, other) { faults.append("frames overlap") }
        }
    }

    private mutating func check(_ machine: MachineScene) {
        let area = machine.frame ?? bounds
        let nodes = machine.nodes.map { (name: $0.lines.first?.text ?? "start", box: $0.rectangle) }
        let labels = machine.edges.compactMap { edge in edge.label.map { (name: edge.full, box: $0) } }
        let boxes = nodes + labels
        for (index, one) in boxes.enumerated() {
            require(one.box, isInside: area, one.name)
            for other in boxes[(index + 1)...] where overlap(one.box, other.box) {
                faults.append("'\(one.name)' lies over '\(other.name)'")
            }
        }
        for node in machine.nodes {
            for line in node.lines where line.width > node.rectangle.width - 16 {
                faults.append("'\(line.text)' is wider than its box")
            }
        }
        for edge in machine.edges {
            let points = self.points(of: edge)
            for point in points where !holds(area, point) { faults.append("'\(edge.full)' leaves the picture") }
            checkEnds(edge, machine)
            for box in boxes {
                let inner = Rectangle(
                    x: box.box.x + 0.5, y: box.box.y + 0.5, width: box.box.width - 1, height: box.box.height - 1)
                if points.contains(where: { holds(inner, $0) }) { faults.append("'\(edge.full)' cuts '\(box.name)'") }
            }
            for line in edge.lines where line.width > (edge.label?.width ?? 0) {
                faults.append("'\(line.text)' is wider than its label")
            }
        }
    }

    private mutating func checkEnds(_ edge: EdgeScene, _ machine: MachineScene) {
        let (source, target) = (machine.nodes[edge.from].rectangle, machine.nodes[edge.to].rectangle)
        let ends: (first: Point, last: Point)
        switch edge.course {
        case .layered(let points):
            guard let first = points.first, let last = points.last, points.count > 1 else {
                faults.append("'\(edge.full)' has no course")
                return
            }
            ends = (first, last)
        case .loop(let from, let to, _): ends = (from, to)
        }
        if !isOnBorder(ends.first, source) { faults.append("'\(edge.full)' does not start at its box") }
        if !isOnBorder(ends.last, target) { faults.append("'\(edge.full)' does not end at its box") }
    }

    private func points(of edge: EdgeScene) -> [Point] {
        switch edge.course {
        case .loop(let from, let to, let reach):
            let bend = from.x + reach * 1.3
            return cubic(from, Point(x: bend, y: from.y), Point(x: bend, y: to.y), to)
        case .layered(let points):
            return zip(points, points.dropFirst()).flatMap { one, other in
                let middle = (one.y + other.y) / 2
                return cubic(one, Point(x: one.x, y: middle), Point(x: other.x, y: middle), other)
            }
        }
    }

    private func cubic(_ a: Point, _ b: Point, _ c: Point, _ d: Point) -> [Point] {
        (0...40).map { step in
            let t = Double(step) / 40
            let u = 1 - t
            func mix(_ a: Double, _ b: Double, _ c: Double, _ d: Double) -> Double {
                u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d
            }
            return Point(x: mix(a.x, b.x, c.x, d.x), y: mix(a.y, b.y, c.y, d.y))
        }
    }

    private func overlap(_ one: Rectangle, _ other: Rectangle) -> Bool {
        one.x < other.maxX - 0.01 && other.x < one.maxX - 0.01 && one.y < other.maxY - 0.01
            && other.y < one.maxY - 0.01
    }

    private func holds(_ box: Rectangle, _ point: Point) -> Bool {
        point.x >= box.x && point.x <= box.maxX && point.y >= box.y && point.y <= box.maxY
    }

    private func isOnBorder(_ point: Point, _ box: Rectangle) -> Bool {
        let isAtSide = abs(point.x - box.x) < 0.01 || abs(point.x - box.maxX) < 0.01
        let isAtTop = abs(point.y - box.y) < 0.01 || abs(point.y - box.maxY) < 0.01
        let isWithin =
            point.x >= box.x - 0.01 && point.x <= box.maxX + 0.01 && point.y >= box.y - 0.01
            && point.y <= box.maxY + 0.01
        return isWithin && (isAtSide || isAtTop)
    }

    private mutating func require(_ box: Rectangle, isInside area: Rectangle, _ name: String) {
        if box.x < area.x || box.y < area.y || box.maxX > area.maxX + 0.01 || box.maxY > area.maxY + 0.01 {
            faults.append("'\(name)' is outside")
        }
    }
}
