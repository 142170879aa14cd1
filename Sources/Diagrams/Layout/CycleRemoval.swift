/// Which edges have to be turned round so that no cycle is left.
///
/// A depth-first search in the order of declaration turns every edge that leads back to a box on the way to it: the
/// edges that a reader of the document would call "back to".
enum CycleRemoval {
    static func reversed(_ edges: [LayoutEdge], count: Int) -> [Bool] {
        var outgoing = [[Int]](repeating: [], count: count)
        for (index, edge) in edges.enumerated() { outgoing[edge.from].append(index) }
        var reversed = [Bool](repeating: false, count: edges.count)
        var isVisited = [Bool](repeating: false, count: count)
        var isOnPath = [Bool](repeating: false, count: count)
        // The path with the next edge to look at; a definition can be deeper than the call stack.
        var path: [(box: Int, next: Int)] = []
        for root in 0..<count where !isVisited[root] {
            isVisited[root] = true
            isOnPath[root] = true
            path.append((root, 0))
            while let top = path.last {
                guard top.next < outgoing[top.box].count else {
                    isOnPath[top.box] = false
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let index = outgoing[top.box][top.next]
                let target = edges[index].to
                if isOnPath[target] {
                    reversed[index] = true
                } else if !isVisited[target] {
                    isVisited[target] = true
                    isOnPath[target] = true
                    path.append((target, 0))
                }
            }
        }
        return reversed
    }
}
