/// How many machines of each name are in each state; states where there is none take no place.
///
/// As large as the definition has states at most, however many machines there are. Equal counts are equal whatever the
/// order in which they came about.
struct StateCounts: Sendable, Equatable {
    private struct Entry: Equatable {
        let machine: String
        let state: String
        var count: Int
    }

    /// Sorted by machine, then state.
    private var entries: [Entry] = []

    func count(of machine: String, in state: String) -> Int {
        let (place, isThere) = find(machine, state)
        return isThere ? entries[place].count : 0
    }

    mutating func add(_ change: Int, of machine: String, in state: String) {
        let (place, isThere) = find(machine, state)
        guard isThere else {
            if change != 0 { entries.insert(Entry(machine: machine, state: state, count: change), at: place) }
            return
        }
        entries[place].count += change
        if entries[place].count == 0 { entries.remove(at: place) }
    }

    /// The place of an entry, or where it would have to be inserted.
    private func find(_ machine: String, _ state: String) -> (place: Int, isThere: Bool) {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            let entry = entries[middle]
            if entry.machine == machine, entry.state == state { return (middle, true) }
            if (entry.machine, entry.state) < (machine, state) { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }
}
