import JSON

/// A host object with named members, such as an event or a process.
public protocol CELRecord: Sendable {
    /// Nil for a name it does not have; a member without a value is `.null`.
    func member(_ name: String) -> CELValue?
    /// All names, in the order they are listed and written.
    var memberNames: [String] { get }
}

/// An immutable map: entries in the order of the source, a JSON object that is read in place, or a record of the host.
public struct CELMap: Sendable {
    enum Storage: Sendable {
        case entries(MapEntries)
        case json(JSONView)
        case record(RecordBox)
    }

    let storage: Storage

    /// Nil if two keys are equal.
    public init?(_ entries: [(key: CELKey, value: CELValue)]) {
        guard let checked = MapEntries(entries) else { return nil }
        storage = .entries(checked)
    }

    /// The names have to differ.
    public init(members: [(name: String, value: CELValue)]) {
        guard let checked = MapEntries(members.map { (.string($0.name), $0.value) }) else {
            preconditionFailure("the names of a map's members differ")
        }
        storage = .entries(checked)
    }

    /// The view has to be an object.
    public init(_ view: JSONView) {
        precondition(view.kind == .object, "a map is made of a JSON object")
        storage = .json(view)
    }

    public init(_ record: some CELRecord) { storage = .record(RecordBox(record)) }

    private init(_ box: RecordBox) { storage = .record(box) }

    /// A record of the host whose numbers have lost their digits.
    var plain: CELMap {
        if case .record(let box) = storage, !box.isPlain { CELMap(RecordBox(box.record, isPlain: true)) } else { self }
    }

    public var count: Int {
        switch storage {
        case .entries(let entries): entries.list.count
        case .json(let view): view.count
        case .record(let box): box.record.memberNames.count
        }
    }

    /// The value under a name.
    public subscript(_ name: String) -> CELValue? { member(name, .none) }

    /// The value under a key of any type; 1, 1u and `1.0` are the same key.
    public subscript(_ key: CELKey) -> CELValue? { value(key, .none) }

    func member(_ name: String, _ digits: CELDigits) -> CELValue? {
        switch storage {
        case .json(let view): return view[name].map { CELValue.reading($0, keepsDigits: digits != .none) }
        case .record(let box): return box.member(name)?.read(digits)
        case .entries(let entries):
            let value = entries[.string(name)]
            return digits == .none ? value?.plain : value
        }
    }

    func value(_ key: CELKey, _ digits: CELDigits) -> CELValue? {
        if case .string(let name) = key { return member(name, digits) }
        guard case .entries(let entries) = storage else { return nil }
        let value = entries[key]
        return digits == .none ? value?.plain : value
    }
}

extension CELMap: Sequence {
    public struct Iterator: IteratorProtocol {
        private enum Source {
            case json(JSONView.Members.Iterator)
            case entries(IndexingIterator<[(key: CELKey, value: CELValue)]>)
            case record(RecordBox, IndexingIterator<[String]>)
        }

        private var source: Source
        private let digits: CELDigits

        init(_ map: CELMap, _ digits: CELDigits) {
            self.digits = digits
            switch map.storage {
            case .json(let view): source = .json(view.members.makeIterator())
            case .entries(let entries): source = .entries(entries.list.makeIterator())
            case .record(let box): source = .record(box, box.record.memberNames.makeIterator())
            }
        }

        public mutating func next() -> (key: CELKey, value: CELValue)? {
            switch source {
            case .json(var iterator):
                let member = iterator.next()
                source = .json(iterator)
                return member.map { (.string($0.name), CELValue.reading($0.value, keepsDigits: digits != .none)) }
            case .entries(var iterator):
                let entry = iterator.next()
                source = .entries(iterator)
                return entry.map { ($0.key, digits == .none ? $0.value.plain : $0.value) }
            case .record(let box, var names):
                let name = names.next()
                source = .record(box, names)
                return name.map { (.string($0), box.member($0)?.read(digits) ?? .null) }
            }
        }
    }

    public func makeIterator() -> Iterator { Iterator(self, .none) }
    public var underestimatedCount: Int { count }
}

extension CELMap {
    /// The entries, with digits as far as they are wanted.
    struct Entries: Sequence {
        let map: CELMap
        let digits: CELDigits

        func makeIterator() -> Iterator { Iterator(map, digits) }
        var underestimatedCount: Int { map.count }
    }

    func entries(_ digits: CELDigits) -> Entries { Entries(map: self, digits: digits) }
}

/// A key of a map. Numbers that are equal are the same key; strings are the same only byte by byte, unlike `String`,
/// which takes composed and decomposed letters for equal.
public enum CELKey: Sendable, Hashable {
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case string(String)

    /// Nil for a type that is no key, and for a double that is no whole number.
    init?(_ value: CELValue) {
        switch value {
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .uint(let value): self = .uint(value)
        case .string(let value): self = .string(value)
        default: return nil
        }
    }

    /// The key a value looks up; a whole double or decimal finds the integer.
    init?(lookingUp value: CELValue) {
        if case .decimal(let number) = value, let whole = number.whole {
            guard let key = Int64(exactly: whole).map({ CELKey.int($0) }) ?? UInt64(exactly: whole).map({ .uint($0) })
            else { return nil }
            self = key
            return
        }
        guard case .double(let number) = value else {
            self.init(value)
            return
        }
        if let whole = Int64(exactly: number) {
            self = .int(whole)
        } else if let whole = UInt64(exactly: number) {
            self = .uint(whole)
        } else {
            return nil
        }
    }

    public var value: CELValue {
        switch self {
        case .bool(let value): .bool(value)
        case .int(let value): .int(value)
        case .uint(let value): .uint(value)
        case .string(let value): .string(value)
        }
    }

    public static func == (left: CELKey, right: CELKey) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): ExactText.sameBytes(left, right)
        case (.int(let left), .int(let right)): left == right
        case (.uint(let left), .uint(let right)): left == right
        case (.int(let left), .uint(let right)): left >= 0 && left.magnitude == right
        case (.uint(let left), .int(let right)): right >= 0 && right.magnitude == left
        case (.bool(let left), .bool(let right)): left == right
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .bool(let value): hasher.combine(value)
        case .int(let value): hasher.combine(UInt64(bitPattern: value))
        case .uint(let value): hasher.combine(value)
        case .string(var text): text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }
}

/// Entries in order, with a table beside them once searching would be slow.
final class MapEntries: Sendable {
    let list: [(key: CELKey, value: CELValue)]
    private let positions: [CELKey: Int]?

    init?(_ list: [(key: CELKey, value: CELValue)]) {
        self.list = list
        if list.count <= 8 {
            for (position, entry) in list.enumerated() where list[..<position].contains(where: { $0.key == entry.key })
            {
                return nil
            }
            positions = nil
            return
        }
        var positions: [CELKey: Int] = [:]
        positions.reserveCapacity(list.count)
        for (position, entry) in list.enumerated() where positions.updateValue(position, forKey: entry.key) != nil {
            return nil
        }
        self.positions = positions
    }

    subscript(_ key: CELKey) -> CELValue? {
        if let positions { return positions[key].map { list[$0].value } }
        return list.first { $0.key == key }?.value
    }
}

/// Keeps `CELValue` small, like `HostListBox`.
final class RecordBox: Sendable {
    let record: any CELRecord
    let isPlain: Bool

    init(_ record: some CELRecord, isPlain: Bool = false) {
        self.record = record
        self.isPlain = isPlain
    }

    func member(_ name: String) -> CELValue? {
        let member = record.member(name)
        return isPlain ? member?.read(.none) : member
    }
}
