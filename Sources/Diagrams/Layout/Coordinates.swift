/// The vertical line of every vertex, after Brandes and Köpf (2002): vertices are chained into straight blocks with the
/// median of their neighbours, once from each of the four corners, each time packed as tightly as it goes, and the
/// mean of the two middle results is taken. Pieces of one long edge stay straight.
///
/// Each of the four results keeps the order and the distances of every row, and so does their median.
enum Coordinates {
    static let boxGap = 26.0
    static let edgeGap = 14.0

    static func positions(in graph: LayeredGraph) -> [Double] {
        guard !graph.vertices.isEmpty else { return [] }
        let conflicts = conflicts(in: graph)
        var results: [[Double]] = []
        for isUpwards in [false, true] {
            for isRightwards in [false, true] {
                let corner = Corner(graph, isUpwards: isUpwards, isRightwards: isRightwards)
                results.append(corner.positions(conflicts))
            }
        }
        return balanced(results, in: graph)
    }

    /// A piece of an edge, from one row to the next.
    struct Piece: Hashable {
        let upper: Int
        let lower: Int
    }

    /// Pieces that cross the inside of a long edge and give way to it.
    private static func conflicts(in graph: LayeredGraph) -> Set<Piece> {
        let places = graph.places
        var conflicts: Set<Piece> = []
        for (row, next) in zip(graph.rows, graph.rows.dropFirst()) {
            var scanned = 0
            var leftmost = 0
            for (place, vertex) in next.enumerated() {
                let inner = innerNeighbour(of: vertex, graph)
                guard inner != nil || place == next.count - 1 else { continue }
                let rightmost = inner.map { places[$0] } ?? row.count
                for lower in next[scanned...place] {
                    for upper in graph.above[lower]
                    where (places[upper] < leftmost || places[upper] > rightmost)
                        && !(isInner(upper, graph) && isInner(lower, graph))
                    {
                        conflicts.insert(Piece(upper: upper, lower: lower))
                    }
                }
                scanned = place + 1
                leftmost = rightmost
            }
        }
        return conflicts
    }

    private static func isInner(_ vertex: Int, _ graph: LayeredGraph) -> Bool { graph.vertices[vertex].edge != nil }

    private static func innerNeighbour(of vertex: Int, _ graph: LayeredGraph) -> Int? {
        guard isInner(vertex, graph) else { return nil }
        return graph.above[vertex].first { isInner($0, graph) }
    }

    /// All four results beside the narrowest one, then the median of each vertex.
    private static func balanced(_ results: [[Double]], in graph: LayeredGraph) -> [Double] {
        let spans = results.map { xs in
            let low = xs.indices.map { xs[$0] - graph.vertices[$0].box.left }.min() ?? 0
            let high = xs.indices.map { xs[$0] + graph.vertices[$0].box.right }.max() ?? 0
            return (low: low, high: high)
        }
        guard let narrowest = spans.min(by: { $0.high - $0.low < $1.high - $1.low }) else { return [] }
        let shifts = spans.enumerated().map { index, span in
            index % 2 == 0 ? narrowest.low - span.low : narrowest.high - span.high
        }
        let medians = graph.vertices.indices.map { vertex in
            let sorted = results.indices.map { results[$0][vertex] + shifts[$0] }.sorted()
            return (sorted[1] + sorted[2]) / 2
        }
        let low = medians.indices.map { medians[$0] - graph.vertices[$0].box.left }.min() ?? 0
        return medians.map { $0 - low }
    }
}

/// One of the four directions, turned so that it reads from the top left.
private struct Corner {
    let graph: LayeredGraph
    let rows: [[Int]]
    let isUpwards: Bool
    let isRightwards: Bool
    let places: [Int]

    init(_ graph: LayeredGraph, isUpwards: Bool, isRightwards: Bool) {
        self.graph = graph
        self.isUpwards = isUpwards
        self.isRightwards = isRightwards
        let turned = isUpwards ? graph.rows.reversed() : graph.rows
        rows = isRightwards ? turned.map { $0.reversed() } : turned
        var places = [Int](repeating: 0, count: graph.vertices.count)
        for row in rows {
            for (place, vertex) in row.enumerated() { places[vertex] = place }
        }
        self.places = places
    }

    func positions(_ conflicts: Set<Coordinates.Piece>) -> [Double] {
        let xs = compacted(blocks(conflicts))
        return isRightwards ? xs.map { -$0 } : xs
    }

    /// The block of every vertex, named by its first one.
    private func blocks(_ conflicts: Set<Coordinates.Piece>) -> [Int] {
        var roots = Array(graph.vertices.indices)
        var isAligned = [Bool](repeating: false, count: roots.count)
        let neighbours = isUpwards ? graph.below : graph.above
        for row in rows {
            var last = -1
            for vertex in row {
                let sorted = neighbours[vertex].sorted { (places[$0], $0) < (places[$1], $1) }
                guard !sorted.isEmpty else { continue }
                var hasFound = false
                for median in Set([(sorted.count - 1) / 2, sorted.count / 2]).sorted() where !hasFound {
                    let neighbour = sorted[median]
                    let piece =
                        isUpwards
                        ? Coordinates.Piece(upper: vertex, lower: neighbour)
                        : Coordinates.Piece(upper: neighbour, lower: vertex)
                    guard places[neighbour] > last, !isAligned[neighbour], !conflicts.contains(piece) else { continue }
                    roots[vertex] = roots[neighbour]
                    isAligned[neighbour] = true
                    last = places[neighbour]
                    hasFound = true
                }
            }
        }
        return roots
    }

    /// As far to the left as the order allows, then blocks with room go right towards their next neighbours.
    private func compacted(_ roots: [Int]) -> [Double] {
        let count = roots.count
        var before = [[(block: Int, distance: Double)]](repeating: [], count: count)
        var after = before
        var waiting = [Int](repeating: 0, count: count)
        for row in rows {
            for (left, right) in zip(row, row.dropFirst()) {
                let distance = self.distance(left, right)
                before[roots[right]].append((roots[left], distance))
                after[roots[left]].append((roots[right], distance))
                waiting[roots[right]] += 1
            }
        }
        var order = graph.vertices.indices.filter { roots[$0] == $0 && waiting[$0] == 0 }
        var next = 0
        while next < order.count {
            for (block, _) in after[order[next]] {
                waiting[block] -= 1
                if waiting[block] == 0 { order.append(block) }
            }
            next += 1
        }
        var xs = [Double](repeating: 0, count: count)
        for block in order {
            for (left, distance) in before[block] { xs[block] = max(xs[block], xs[left] + distance) }
        }
        for block in order.reversed() {
            if let limit = after[block].map({ xs[$0.block] - $0.distance }).min() { xs[block] = max(xs[block], limit) }
        }
        return roots.map { xs[$0] }
    }

    private func distance(_ left: Int, _ right: Int) -> Double {
        let (one, other) = (graph.vertices[left], graph.vertices[right])
        let reach =
            isRightwards ? one.box.left + other.box.right : one.box.right + other.box.left
        return reach + (one.edge == nil || other.edge == nil ? Coordinates.boxGap : Coordinates.edgeGap)
    }
}
