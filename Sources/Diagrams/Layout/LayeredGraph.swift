/// The boxes in their rows, and every edge cut into pieces that lead from one row to the next.
struct LayeredGraph {
    struct Vertex {
        var box: LayoutBox
        var rank: Int
        /// The index of the edge that runs through; nil for a box of the drawing.
        var edge: Int?
        var isLabel = false
    }

    /// The boxes first, under the same indices, then what lies on edges.
    private(set) var vertices: [Vertex]
    /// Neighbours in the row above and in the row below, as often as there are edges.
    private(set) var above: [[Int]]
    private(set) var below: [[Int]]
    /// For each edge all of its vertices from top to bottom, its two boxes included.
    private(set) var chains: [[Int]]
    /// From left to right.
    var rows: [[Int]]

    init(boxes: [LayoutBox], edges: [LayoutEdge], reversed: [Bool], ranks: [Int]) {
        vertices = zip(boxes, ranks).map { Vertex(box: $0, rank: $1, edge: nil) }
        above = [[Int]](repeating: [], count: boxes.count)
        below = above
        chains = []
        rows = [[Int]](repeating: [], count: (ranks.max() ?? -1) + 1)
        for (index, edge) in edges.enumerated() {
            addChain(index, edge, reversed: reversed[index])
        }
        arrange()
    }

    private mutating func addChain(_ index: Int, _ edge: LayoutEdge, reversed: Bool) {
        let (upper, lower) = reversed ? (edge.to, edge.from) : (edge.from, edge.to)
        let (first, last) = (vertices[upper].rank, vertices[lower].rank)
        // A label stands next to the source: that is where a reader looks for what can happen.
        let labelRank = reversed ? last - 1 : first + 1
        var chain = [upper]
        for rank in first + 1..<last {
            let isLabel = rank == labelRank && edge.label != nil
            let box = isLabel ? edge.label : nil
            chain.append(vertices.count)
            vertices.append(
                Vertex(box: box ?? LayoutBox(left: 0, right: 0, height: 0), rank: rank, edge: index, isLabel: isLabel))
            above.append([])
            below.append([])
        }
        chain.append(lower)
        for (high, low) in zip(chain, chain.dropFirst()) {
            below[high].append(low)
            above[low].append(high)
        }
        chains.append(chain)
    }

    /// A first arrangement: depth first in the order of declaration, which draws a tree without crossings.
    private mutating func arrange() {
        var isPlaced = [Bool](repeating: false, count: vertices.count)
        let roots = vertices.indices.filter { above[$0].isEmpty }
        for root in roots {
            var stack = [root]
            while let vertex = stack.popLast() {
                guard !isPlaced[vertex] else { continue }
                isPlaced[vertex] = true
                rows[vertices[vertex].rank].append(vertex)
                stack += below[vertex].reversed()
            }
        }
    }

    /// The place of every vertex in its row.
    var places: [Int] {
        var places = [Int](repeating: 0, count: vertices.count)
        for row in rows {
            for (place, vertex) in row.enumerated() { places[vertex] = place }
        }
        return places
    }
}
