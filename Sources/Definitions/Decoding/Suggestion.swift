/// Finds what was probably meant by a name that nobody declared.
enum Suggestion {
    /// A question with the nearest of the known names; nil when none is near.
    static func hint(for name: String, among known: [String]) -> String? {
        let wanted = Array(name.utf8)
        // Longer ones are no slips of the pen, and would cost time.
        guard wanted.count <= 64 else { return nil }
        var best: (name: String, distance: Int)?
        for candidate in known where candidate != name && candidate.utf8.count <= 64 {
            let letters = Array(candidate.utf8)
            guard abs(letters.count - wanted.count) <= 3 else { continue }
            let distance = distance(wanted, letters)
            // A letter that is exchanged for the only one there is was no slip.
            if distance <= max(1, min(3, letters.count / 3)), distance < min(letters.count, best?.distance ?? .max) {
                best = (candidate, distance)
            }
        }
        return best.map { "did you mean '\($0.name)'?" }
    }

    /// Letters to insert, drop, change or swap with their neighbour; case does not count.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforePrevious = [Int](repeating: 0, count: right.count + 1)
        var previous = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1]
            for column in 0..<right.count {
                let isSame = left[row] | 0x20 == right[column] | 0x20
                var cost = min(previous[column] + (isSame ? 0 : 1), previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    cost = min(cost, beforePrevious[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[right.count]
    }
}
