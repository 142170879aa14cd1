import HashTreeCollections

/// Rows by id that remember the order in which they came, as a persistent value.
///
/// A copy costs nothing and a change O(log n), because the rows are shared between copies: a step works on its own
/// copy of a process with 10,000 machines, and a failed step is undone by dropping that copy. Walking in order sorts,
/// O(n log n); nothing on the way of a single event does that. Equal contents in equal order are equal.
public struct OrderedTable<ID: Hashable & Sendable, Row: Sendable>: Sendable {
    private var rows: TreeDictionary<Int, Row> = [:]
    private var ordinals: TreeDictionary<ID, Int> = [:]
    private var nextOrdinal = 0

    public init() {}

    public var count: Int { rows.count }
    public var isEmpty: Bool { rows.isEmpty }

    /// The row of an id. Setting keeps the place of an id that is there, appends a new one, and nil removes.
    public subscript(id: ID) -> Row? {
        get { ordinals[id].flatMap { rows[$0] } }
        set {
            switch (ordinals[id], newValue) {
            case (let ordinal?, let row?): rows[ordinal] = row
            case (nil, let row?):
                ordinals[id] = nextOrdinal
                rows[nextOrdinal] = row
                nextOrdinal += 1
            case (let ordinal?, nil):
                rows[ordinal] = nil
                ordinals[id] = nil
            case (nil, nil): break
            }
        }
    }

    /// Changes a row in place; nothing happens without one.
    public mutating func update(_ id: ID, _ change: (inout Row) -> Void) {
        guard let ordinal = ordinals[id], var row = rows[ordinal] else { return }
        change(&row)
        rows[ordinal] = row
    }

    @discardableResult
    public mutating func remove(_ id: ID) -> Row? {
        guard let ordinal = ordinals.removeValue(forKey: id) else { return nil }
        return rows.removeValue(forKey: ordinal)
    }

    public mutating func removeAll() {
        self = OrderedTable()
    }

    /// All rows, in the order in which their ids came.
    public var inOrder: [Row] {
        switch rows.count {
        case 0: []
        case 1: rows.map(\.value)
        default: rows.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    /// The row that came last.
    public var last: Row? {
        rows.count <= 1 ? rows.first?.value : rows.max { $0.key < $1.key }?.value
    }
}

extension OrderedTable: Equatable where Row: Equatable {
    public static func == (left: OrderedTable, right: OrderedTable) -> Bool {
        left.count == right.count && left.inOrder == right.inOrder
    }
}
