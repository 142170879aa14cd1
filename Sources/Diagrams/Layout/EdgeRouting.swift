/// The heights of the rows, and where each edge runs.
enum EdgeRouting {
    static let rowGap = 22.0
    /// Between two edges fastened to the same side of a box.
    static let portGap = 16.0

    static func drawing(
        of graph: LayeredGraph, at xs: [Double], edges: [LayoutEdge], reversed: [Bool]
    ) -> LayeredDrawing {
        let tops = self.tops(of: graph, at: xs)
        let heights = self.heights(of: graph)
        let count = graph.vertices.count { $0.edge == nil }
        let boxes = (0..<count).map { vertex in
            let box = graph.vertices[vertex].box
            let rank = graph.vertices[vertex].rank
            return Rectangle(
                x: xs[vertex] - box.left, y: tops[rank] + (heights[rank] - box.height) / 2,
                width: box.left + box.right, height: box.height)
        }
        let ports = Ports(graph, xs)
        var drawn: [LayeredDrawing.DrawnEdge] = []
        for (index, chain) in graph.chains.enumerated() {
            guard let upper = chain.first, let lower = chain.last else { continue }
            let (first, last) = (graph.vertices[upper].rank, graph.vertices[lower].rank)
            var points = [
                Point(x: ports.bottom[index], y: boxes[upper].maxY),
                Point(x: ports.bottom[index], y: tops[first] + heights[first]),
            ]
            var label: Rectangle?
            for vertex in chain.dropFirst().dropLast() {
                let (rank, box) = (graph.vertices[vertex].rank, graph.vertices[vertex].box)
                points.append(Point(x: xs[vertex], y: tops[rank]))
                points.append(Point(x: xs[vertex], y: tops[rank] + heights[rank]))
                if graph.vertices[vertex].isLabel {
                    label = Rectangle(
                        x: xs[vertex], y: tops[rank] + (heights[rank] - box.height) / 2, width: box.right,
                        height: box.height)
                }
            }
            points.append(Point(x: ports.top[index], y: tops[last]))
            points.append(Point(x: ports.top[index], y: boxes[lower].y))
            drawn.append(
                LayeredDrawing.DrawnEdge(
                    points: simplified(reversed[index] ? points.reversed() : points), label: label))
        }
        let right = graph.vertices.indices.map { xs[$0] + graph.vertices[$0].box.right }.max() ?? 0
        let bottom = (tops.last ?? 0) + (heights.last ?? 0)
        return LayeredDrawing(
            boxes: boxes, lines: Array(xs.prefix(count)), edges: drawn, width: right, height: bottom)
    }

    private static func heights(of graph: LayeredGraph) -> [Double] {
        graph.rows.map { row in row.map { graph.vertices[$0].box.height }.max() ?? 0 }
    }

    /// Where an edge goes far to the side, the rows move apart so that it does not lie flat.
    private static func tops(of graph: LayeredGraph, at xs: [Double]) -> [Double] {
        let heights = self.heights(of: graph)
        var tops: [Double] = []
        var top = 0.0
        for (row, height) in zip(graph.rows, heights) {
            tops.append(top)
            let shift = row.flatMap { vertex in graph.below[vertex].map { abs(xs[$0] - xs[vertex]) } }.max() ?? 0
            top += height + rowGap + min(shift / 9, 44).rounded()
        }
        return tops
    }

    /// Without points that say nothing new.
    private static func simplified(_ points: [Point]) -> [Point] {
        var result: [Point] = []
        for point in points where point != result.last {
            if result.count > 1, result[result.count - 1].x == point.x, result[result.count - 2].x == point.x {
                result[result.count - 1] = point
            } else {
                result.append(point)
            }
        }
        return result
    }
}

/// Where edges are fastened to their boxes: as near as possible to where they come from or go to, in order, and apart.
private struct Ports {
    /// For each edge its place at the top of its lower box.
    var top: [Double]
    /// For each edge its place at the bottom of its upper box.
    var bottom: [Double]

    init(_ graph: LayeredGraph, _ xs: [Double]) {
        top = [Double](repeating: 0, count: graph.chains.count)
        bottom = top
        var ends = [[(edge: Int, towards: Double)]](repeating: [], count: graph.vertices.count)
        var starts = ends
        for (index, chain) in graph.chains.enumerated() where chain.count > 1 {
            starts[chain[0]].append((index, xs[chain[1]]))
            ends[chain[chain.count - 1]].append((index, xs[chain[chain.count - 2]]))
        }
        for vertex in graph.vertices.indices where graph.vertices[vertex].edge == nil {
            let reach = graph.vertices[vertex].box.ports
            for (index, place) in Self.places(starts[vertex], around: xs[vertex], reach: reach) {
                bottom[index] = place
            }
            for (index, place) in Self.places(ends[vertex], around: xs[vertex], reach: reach) { top[index] = place }
        }
    }

    private static func places(
        _ edges: [(edge: Int, towards: Double)], around line: Double, reach: Double
    ) -> [(edge: Int, place: Double)] {
        guard !edges.isEmpty else { return [] }
        let sorted = edges.sorted { ($0.towards, $0.edge) < ($1.towards, $1.edge) }
        let last = Double(sorted.count - 1)
        let gap = sorted.count > 1 ? min(EdgeRouting.portGap, 2 * reach / last) : 0
        // Neighbours that are too close share their mean: least squares under a fixed order (pool adjacent violators).
        var pools: [(sum: Double, count: Double)] = []
        for (place, edge) in sorted.enumerated() {
            let wanted = min(max(edge.towards, line - reach), line + reach) - Double(place) * gap
            pools.append((wanted, 1))
            while pools.count > 1 {
                let (right, left) = (pools[pools.count - 1], pools[pools.count - 2])
                guard left.sum / left.count > right.sum / right.count else { break }
                pools.removeLast()
                pools[pools.count - 1] = (left.sum + right.sum, left.count + right.count)
            }
        }
        let bases = pools.flatMap { [Double](repeating: $0.sum / $0.count, count: Int($0.count)) }
        return zip(sorted, bases).enumerated().map { place, pair in
            let offset = Double(place) * gap
            let low = line - reach + offset
            let high = line + reach - (last - Double(place)) * gap
            return (pair.0.edge, min(max(pair.1 + offset, low), high))
        }
    }
}
