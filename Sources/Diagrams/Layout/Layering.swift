/// In which row each box stands. Boxes have even rows; labels stand in the odd rows between.
enum Layering {
    static let edgeLength = 2

    /// The longest path to each box, then every box that more edges leave than enter moves down towards what follows
    /// it, which shortens the edges without making the drawing any higher.
    static func ranks(of edges: [(upper: Int, lower: Int)], count: Int) -> [Int] {
        var outgoing = [[Int]](repeating: [], count: count)
        var incoming = [[Int]](repeating: [], count: count)
        for edge in edges {
            outgoing[edge.upper].append(edge.lower)
            incoming[edge.lower].append(edge.upper)
        }
        let order = topological(outgoing, incoming)
        var ranks = [Int](repeating: 0, count: count)
        for box in order {
            for next in outgoing[box] { ranks[next] = max(ranks[next], ranks[box] + edgeLength) }
        }
        for box in order.reversed() where outgoing[box].count > incoming[box].count {
            if let next = outgoing[box].map({ ranks[$0] }).min() { ranks[box] = max(ranks[box], next - edgeLength) }
        }
        let first = ranks.min() ?? 0
        return ranks.map { $0 - first }
    }

    /// Kahn's algorithm; among boxes that are ready, the one declared first.
    private static func topological(_ outgoing: [[Int]], _ incoming: [[Int]]) -> [Int] {
        var waiting = incoming.map(\.count)
        var order = waiting.indices.filter { waiting[$0] == 0 }
        var next = 0
        while next < order.count {
            for target in outgoing[order[next]] {
                waiting[target] -= 1
                if waiting[target] == 0 { order.append(target) }
            }
            next += 1
        }
        return order
    }
}
