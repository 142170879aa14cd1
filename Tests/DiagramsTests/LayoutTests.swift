import Testing

@testable import Diagrams

@Suite("Layered drawing")
struct LayoutTests {
    @Test("No box, label or edge of any sample lies over another, and all lie inside the picture")
    func geometry() throws {
        let samples = try Samples.all()
        #expect(samples.count >= 11)
        for sample in samples {
            let faults = SceneGeometry(Scene(sample.graph, marking: nil)).faults
            #expect(faults.isEmpty, "\(sample.name): \(faults.prefix(5))")
        }
    }

    @Test("With counts in the labels it is the same")
    func geometryOfOverlay() throws {
        let graph = Samples.large()
        let machine = try #require(graph.machines.first)
        let taken = machine.edges.map { edge -> ProcessOverlay.TakenStep in
            switch edge.target {
            case .state(let to):
                ProcessOverlay.TakenStep(
                    .init(machine: "main", from: edge.from, to: to, transition: edge.label.recorded), count: 12_345)
            case .end(let end):
                ProcessOverlay.TakenStep(
                    .init(
                        machine: "main", from: edge.from, to: edge.from, transition: edge.label.recorded, stays: true,
                        endsAs: end.kind), count: 2)
            }
        }
        let overlay = ProcessOverlay(currentStates: ["main": "S7"], taken: taken, caption: "4711, Running")
        let scene = Scene(graph, marking: overlay)
        #expect(SceneGeometry(scene).faults.isEmpty)
        #expect(scene.machines[0].edges.count { $0.isTaken } == machine.edges.count)
    }

    @Test("Turning the found edges round leaves no cycle, and a graph without cycles stays as it is")
    func cycles() {
        for seed in UInt64(1)...20 {
            var random = SplitMix(state: seed)
            let count = 12
            var edges: [LayoutEdge] = []
            for _ in 0..<30 {
                let (from, to) = (Int(random.next() % UInt64(count)), Int(random.next() % UInt64(count)))
                if from != to { edges.append(LayoutEdge(from: from, to: to)) }
            }
            let reversed = CycleRemoval.reversed(edges, count: count)
            let turned = zip(edges, reversed).map { $1 ? LayoutEdge(from: $0.to, to: $0.from) : $0 }
            #expect(!CycleRemoval.reversed(turned, count: count).contains(true))
            let ranks = Layering.ranks(of: turned.map { (upper: $0.from, lower: $0.to) }, count: count)
            let lengths = turned.map { ranks[$0.to] - ranks[$0.from] }
            #expect(lengths.min() ?? 0 >= 2 && !lengths.contains { $0 % 2 != 0 })
            #expect(ranks.min() == 0)
        }
    }

    @Test("A back edge of a loop in the document is the one that is turned")
    func backEdge() {
        let edges = [
            LayoutEdge(from: 0, to: 1), LayoutEdge(from: 1, to: 2), LayoutEdge(from: 2, to: 0),
            LayoutEdge(from: 0, to: 2),
        ]
        #expect(CycleRemoval.reversed(edges, count: 3) == [false, false, true, false])
    }

    @Test("Crossings that can be avoided are")
    func crossings() {
        // Two rows whose first arrangement by declaration crosses: a to 3 and b to 2, each with a partner.
        let edges = [(0, 3), (1, 2), (0, 5), (1, 4), (2, 6), (4, 6), (3, 7), (5, 7)].map {
            LayoutEdge(from: $0.0, to: $0.1)
        }
        let boxes = [LayoutBox](repeating: LayoutBox(left: 20, right: 20, height: 20), count: 8)
        let ranks = Layering.ranks(of: edges.map { (upper: $0.from, lower: $0.to) }, count: 8)
        var graph = LayeredGraph(
            boxes: boxes, edges: edges, reversed: [Bool](repeating: false, count: edges.count), ranks: ranks)
        graph.rows = graph.rows.map { $0.sorted() }
        #expect(Ordering.crossings(in: graph) > 0)
        Ordering.reduceCrossings(of: &graph)
        #expect(Ordering.crossings(in: graph) == 0)
    }

    @Test("Counting with a tree finds as many crossings as looking at every pair")
    func crossingCount() {
        var random = SplitMix(state: 3)
        for _ in 0..<20 {
            var edges: [LayoutEdge] = []
            for _ in 0..<14 { edges.append(LayoutEdge(from: Int(random.next() % 6), to: 6 + Int(random.next() % 6))) }
            let boxes = [LayoutBox](repeating: LayoutBox(left: 1, right: 1, height: 1), count: 12)
            let graph = LayeredGraph(
                boxes: boxes, edges: edges, reversed: [Bool](repeating: false, count: 14),
                ranks: [0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2])
            let places = graph.places
            var count = 0
            for row in graph.rows {
                let pieces = row.flatMap { vertex in graph.below[vertex].map { (places[vertex], places[$0]) } }
                for (index, one) in pieces.enumerated() {
                    for other in pieces[(index + 1)...] where (one.0 - other.0) * (one.1 - other.1) < 0 { count += 1 }
                }
            }
            #expect(Ordering.crossings(in: graph) == count)
        }
    }

    @Test("Long edges run straight down between their first and their last bend")
    func straightLongEdges() throws {
        // A chain of five and one edge past all of them.
        let edges = [
            LayoutEdge(from: 0, to: 1), LayoutEdge(from: 1, to: 2), LayoutEdge(from: 2, to: 3),
            LayoutEdge(from: 3, to: 4), LayoutEdge(from: 0, to: 4),
        ]
        let boxes = [LayoutBox](repeating: LayoutBox(left: 40, right: 40, height: 30, ports: 20), count: 5)
        let drawing = try #require(LayeredDrawing(boxes: boxes, edges: edges))
        // Down from the box, a bend, the long way, a bend, down to the box.
        let long = drawing.edges[4].points
        let inner = long.dropFirst().dropLast()
        #expect(Set(inner.map(\.x)).count == 1)
        #expect((inner.last?.y ?? 0) - (inner.first?.y ?? 0) > 150)
        // The boxes that it passes stand in one line, and so do the edges between them.
        #expect(Set(drawing.lines[1...3]).count == 1)
        #expect(drawing.edges[1].points.count == 2)
    }

    @Test("Parallel edges and edges there and back have lines of their own")
    func parallelEdges() throws {
        let edges = [
            LayoutEdge(from: 0, to: 1), LayoutEdge(from: 0, to: 1), LayoutEdge(from: 1, to: 0),
        ]
        let boxes = [LayoutBox](repeating: LayoutBox(left: 40, right: 40, height: 30, ports: 24), count: 2)
        let drawing = try #require(LayeredDrawing(boxes: boxes, edges: edges))
        let firsts = drawing.edges.map { $0.points[0].x }
        #expect(Set(firsts).count == 3)
        // The third one goes up.
        #expect(drawing.edges[2].points[0].y > drawing.edges[2].points[1].y)
    }

    @Test("What would take too long to draw is refused, deep chains are not too deep")
    func tooLarge() {
        let boxes = [LayoutBox](repeating: LayoutBox(left: 9, right: 9, height: 9), count: 2_000)
        let chain = (1..<2_000).map { LayoutEdge(from: $0 - 1, to: $0) }
        #expect(LayeredDrawing(boxes: boxes, edges: chain) != nil)
        let jumps = chain + (0..<5).map { LayoutEdge(from: $0, to: 1_999) }
        #expect(LayeredDrawing(boxes: boxes, edges: jumps) == nil)
    }
}
