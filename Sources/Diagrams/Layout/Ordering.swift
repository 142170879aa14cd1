/// The order within rows: few crossings, found by sorting every row by the mean place of its neighbours in the row
/// before, downwards and upwards in turn, then by swapping neighbours where that helps.
enum Ordering {
    static let sweeps = 16

    static func reduceCrossings(of graph: inout LayeredGraph) {
        guard graph.rows.count > 1 else { return }
        var best = graph.rows
        var fewest = crossings(in: graph)
        for sweep in 0..<sweeps where fewest > 0 {
            let isDownwards = sweep % 2 == 0
            var places = graph.places
            for rank in isDownwards ? Array(graph.rows.indices) : graph.rows.indices.reversed() {
                sort(&graph.rows[rank], by: isDownwards ? graph.above : graph.below, &places)
            }
            transpose(&graph, &places)
            let count = crossings(in: graph)
            if count < fewest {
                fewest = count
                best = graph.rows
            }
        }
        graph.rows = best
    }

    /// Vertices without neighbours keep their places, the others are sorted around them.
    private static func sort(_ row: inout [Int], by neighbours: [[Int]], _ places: inout [Int]) {
        let moving = row.filter { !neighbours[$0].isEmpty }
        var weighted: [(vertex: Int, mean: Double, place: Int)] = []
        for vertex in moving {
            let sum = neighbours[vertex].reduce(0) { $0 + places[$1] }
            weighted.append((vertex, Double(sum) / Double(neighbours[vertex].count), places[vertex]))
        }
        weighted.sort { ($0.mean, $0.place) < ($1.mean, $1.place) }
        var next = weighted.makeIterator()
        for place in row.indices where !neighbours[row[place]].isEmpty {
            if let entry = next.next() { row[place] = entry.vertex }
        }
        for (place, vertex) in row.enumerated() { places[vertex] = place }
    }

    private static func transpose(_ graph: inout LayeredGraph, _ places: inout [Int]) {
        for _ in 0..<4 {
            var hasChanged = false
            for rank in graph.rows.indices {
                for place in graph.rows[rank].indices.dropLast() {
                    let (left, right) = (graph.rows[rank][place], graph.rows[rank][place + 1])
                    let now =
                        crossings(graph.above[left], graph.above[right], places)
                        + crossings(graph.below[left], graph.below[right], places)
                    guard now > 0 else { continue }
                    let swapped =
                        crossings(graph.above[right], graph.above[left], places)
                        + crossings(graph.below[right], graph.below[left], places)
                    guard swapped < now else { continue }
                    graph.rows[rank].swapAt(place, place + 1)
                    places[left] = place + 1
                    places[right] = place
                    hasChanged = true
                }
            }
            guard hasChanged else { return }
        }
    }

    /// Crossings between the edges of two vertices, the first to the left of the second.
    private static func crossings(_ left: [Int], _ right: [Int], _ places: [Int]) -> Int {
        var count = 0
        for one in left {
            for other in right where places[one] > places[other] { count += 1 }
        }
        return count
    }

    /// Crossings in the whole drawing: inversions among the lower ends, counted with a Fenwick tree (Barth, Jünger and
    /// Mutzel 2002).
    static func crossings(in graph: LayeredGraph) -> Int {
        let places = graph.places
        var total = 0
        for (row, next) in zip(graph.rows, graph.rows.dropFirst()) {
            var tree = [Int](repeating: 0, count: next.count + 1)
            var inserted = 0
            for vertex in row {
                let ends = graph.below[vertex].map { places[$0] }
                for end in ends {
                    var atMost = 0
                    var index = end + 1
                    while index > 0 {
                        atMost += tree[index]
                        index -= index & -index
                    }
                    total += inserted - atMost
                }
                for end in ends {
                    var index = end + 1
                    while index < tree.count {
                        tree[index] += 1
                        index += index & -index
                    }
                    inserted += 1
                }
            }
        }
        return total
    }
}
