import HashTreeCollections
import JSON

/// Rows by id that remember the order in which they came, as a persistent value.
///
/// A copy costs nothing and a change O(log n), because the rows are shared between copies: a step works on its own
/// copy of a process with 10,000 machines, and a failed step is undone by dropping that copy. Walking in order sorts,
/// O(n log n); nothing on the way of a single event does that. Equal contents in equal order are equal.
///
/// Most processes have a row or two in each table: few rows are an array, where looking along it beats hashing.
public struct OrderedTable<ID: Hashable & Sendable, Row: Sendable>: Sendable {
    @usableFromInline
    struct Entry: Sendable {
        @usableFromInline let id: ID
        @usableFromInline var row: Row

        @inlinable
        init(id: ID, row: Row) {
            self.id = id
            self.row = row
        }
    }

    @usableFromInline
    enum Rows: Sendable {
        /// In order, at most `fewest` of them.
        case few([Entry])
        indirect case many(ManyRows<ID, Row>)
    }

    @inlinable
    static var fewest: Int { 8 }

    @usableFromInline var rows = Rows.few([])

    @inlinable
    public init() {}

    @inlinable
    public var count: Int {
        switch rows {
        case .few(let entries): entries.count
        case .many(let many): many.count
        }
    }

    @inlinable
    public var isEmpty: Bool { count == 0 }

    /// The row of an id. Setting keeps the place of an id that is there, appends a new one, and nil removes.
    @inlinable
    public subscript(id: ID) -> Row? {
        get {
            switch rows {
            case .few(let entries):
                for entry in entries where entry.id == id { return entry.row }
                return nil
            case .many(let many): return many.row(of: id)
            }
        }
        set {
            guard let newValue else {
                remove(id)
                return
            }
            switch rows {
            case .few(var entries):
                rows = .few([])
                if let place = entries.firstIndex(where: { $0.id == id }) {
                    entries[place].row = newValue
                } else {
                    entries.append(Entry(id: id, row: newValue))
                }
                rows = entries.count <= Self.fewest ? .few(entries) : .many(Self.many(entries))
            case .many(var many):
                rows = .few([])
                many.set(id, newValue)
                rows = .many(many)
            }
        }
    }

    /// Changes a row in place; nothing happens without one.
    @inlinable
    public mutating func update(_ id: ID, _ change: (inout Row) -> Void) {
        switch rows {
        case .few(var entries):
            guard let place = entries.firstIndex(where: { $0.id == id }) else { return }
            rows = .few([])
            change(&entries[place].row)
            rows = .few(entries)
        case .many(let many):
            guard var row = many.row(of: id) else { return }
            change(&row)
            self[id] = row
        }
    }

    @inlinable
    @discardableResult
    public mutating func remove(_ id: ID) -> Row? {
        switch rows {
        case .few(var entries):
            guard let place = entries.firstIndex(where: { $0.id == id }) else { return nil }
            rows = .few([])
            let removed = entries.remove(at: place).row
            rows = .few(entries)
            return removed
        case .many(var many):
            rows = .few([])
            let removed = many.remove(id)
            rows = .many(many)
            return removed
        }
    }

    @inlinable
    public mutating func removeAll() {
        self = OrderedTable()
    }

    /// All rows, in the order in which their ids came.
    @inlinable
    public var inOrder: [Row] {
        switch rows {
        case .few(let entries): entries.map(\.row)
        case .many(let many): many.inOrder
        }
    }

    /// The row that came last.
    @inlinable
    public var last: Row? {
        switch rows {
        case .few(let entries): entries.last?.row
        case .many(let many): many.last
        }
    }

    @usableFromInline
    static func many(_ entries: [Entry]) -> ManyRows<ID, Row> {
        var many = ManyRows<ID, Row>()
        for entry in entries { many.set(entry.id, entry.row) }
        return many
    }
}

extension OrderedTable: Equatable where Row: Equatable {
    public static func == (left: OrderedTable, right: OrderedTable) -> Bool {
        left.count == right.count && left.inOrder == right.inOrder
    }
}

/// Rows by the order in which they came, found through their ids.
@usableFromInline
struct ManyRows<ID: Hashable & Sendable, Row: Sendable>: Sendable {
    private var rows: TreeDictionary<Int, Row> = [:]
    private var ordinals: TreeDictionary<ID, Int> = [:]
    private var nextOrdinal = 0

    @usableFromInline var count: Int { rows.count }

    @usableFromInline
    func row(of id: ID) -> Row? {
        ordinals[id].flatMap { rows[$0] }
    }

    @usableFromInline
    mutating func set(_ id: ID, _ row: Row) {
        if let ordinal = ordinals[id] {
            rows[ordinal] = row
        } else {
            ordinals[id] = nextOrdinal
            rows[nextOrdinal] = row
            nextOrdinal += 1
        }
    }

    @usableFromInline
    mutating func remove(_ id: ID) -> Row? {
        guard let ordinal = ordinals.removeValue(forKey: id) else { return nil }
        return rows.removeValue(forKey: ordinal)
    }

    @usableFromInline var inOrder: [Row] {
        rows.sorted { $0.key < $1.key }.map(\.value)
    }

    @usableFromInline var last: Row? {
        rows.max { $0.key < $1.key }?.value
    }
}

// Rows by texts of users, which are told apart by their bytes.
extension OrderedTable where ID == ExactText {
    @inlinable
    public subscript(_ id: String) -> Row? {
        get { self[ExactText(id)] }
        set { self[ExactText(id)] = newValue }
    }

    @inlinable
    public mutating func update(_ id: String, _ change: (inout Row) -> Void) { update(ExactText(id), change) }

    @inlinable
    @discardableResult
    public mutating func remove(_ id: String) -> Row? { remove(ExactText(id)) }
}
