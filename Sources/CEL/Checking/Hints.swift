/// Finds the name that was probably meant.
public enum Hints {
    /// A question with the nearest of the names; nil if none is near. Names of more than 64 bytes are no slips of the
    /// pen, and would cost time.
    public static func didYouMean(_ name: String, among candidates: some Sequence<String>) -> String? {
        closest(name, among: candidates).map { "did you mean '\($0)'?" }
    }

    static func closest(_ name: String, among candidates: some Sequence<String>) -> String? {
        guard name.utf8.count <= 64 else { return nil }
        let wanted = Array(name.utf8)
        // A third of the letters may differ: enough for typing errors, too little for chance.
        let limit = max(1, wanted.count / 3)
        var best: (distance: Int, name: String)?
        for candidate in candidates where abs(candidate.utf8.count - wanted.count) <= limit {
            let other = Array(candidate.utf8)
            let distance = distance(lowered(wanted), lowered(other))
            // The order of candidates must not matter: they may come from a dictionary.
            let isBetter = best.map { (distance, candidate) < ($0.distance, $0.name) } ?? true
            if distance <= limit, distance < other.count, candidate != name, isBetter { best = (distance, candidate) }
        }
        return best?.name
    }

    private static func lowered(_ text: [UInt8]) -> [UInt8] {
        text.map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 | 0x20 : $0 }
    }

    /// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1]
            for column in 0..<right.count {
                var cost = min(last[column + 1] + 1, current[column] + 1)
                cost = min(cost, last[column] + (left[row] == right[column] ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
