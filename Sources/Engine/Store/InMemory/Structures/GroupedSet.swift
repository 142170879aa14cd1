import HashTreeCollections

/// An index: a sorted set for each group. Groups without members take no room.
struct GroupedSet<Group: Hashable & Sendable, Element: Comparable & Sendable>: Sendable {
    private var groups: TreeDictionary<Group, SortedSet<Element>> = [:]

    init() {}

    subscript(group: Group) -> SortedSet<Element> { groups[group] ?? SortedSet() }

    var names: [Group] { Array(groups.keys) }

    mutating func insert(_ element: Element, into group: Group) {
        groups[group, default: SortedSet()].insert(element)
    }

    mutating func remove(_ element: Element, from group: Group) {
        guard var members = groups[group] else { return }
        members.remove(element)
        groups[group] = members.isEmpty ? nil : members
    }
}
