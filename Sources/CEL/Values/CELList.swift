import JSON

/// A list that makes its elements when they are asked for, such as the machines of a process.
public protocol CELHostList: Sendable {
    var count: Int { get }
    /// Called with 0 up to `count` only; the same position always gives the same value.
    func element(at position: Int) -> CELValue
}

/// An immutable list: values, a JSON array that is read in place, or a list of the host.
public struct CELList: Sendable {
    enum Storage: Sendable {
        case values([CELValue])
        case json(JSONView)
        case host(HostListBox)
    }

    let storage: Storage

    public init(_ values: [CELValue]) { storage = .values(values) }

    /// The view has to be an array.
    public init(_ view: JSONView) {
        precondition(view.kind == .array, "a list is made of a JSON array")
        storage = .json(view)
    }

    public init(_ list: some CELHostList) { storage = .host(HostListBox(list)) }

    private init(_ box: HostListBox) { storage = .host(box) }

    /// A list of the host whose numbers have lost their digits.
    var plain: CELList {
        if case .host(let box) = storage, !box.isPlain { CELList(HostListBox(box.list, isPlain: true)) } else { self }
    }

    public var count: Int {
        switch storage {
        case .values(let values): values.count
        case .json(let view): view.count
        case .host(let box): box.list.count
        }
    }

    /// The element at a position, nil outside; a JSON array is walked to it.
    public subscript(_ position: Int) -> CELValue? { element(at: position, .none) }

    func element(at position: Int, _ digits: CELDigits) -> CELValue? {
        guard position >= 0 else { return nil }
        switch storage {
        case .values(let values):
            guard position < values.count else { return nil }
            return digits == .none ? values[position].plain : values[position]
        case .json(let view): return view[position].map { CELValue.reading($0, keepsDigits: digits != .none) }
        case .host(let box): return position < box.list.count ? box.element(at: position).read(digits) : nil
        }
    }
}

extension CELList: Sequence {
    public struct Iterator: IteratorProtocol {
        private enum Source {
            case json(JSONView.Elements.Iterator)
            case other(CELList, position: Int, count: Int)
        }

        private var source: Source
        private let digits: CELDigits

        init(_ list: CELList, _ digits: CELDigits) {
            self.digits = digits
            if case .json(let view) = list.storage {
                source = .json(view.elements.makeIterator())
            } else {
                source = .other(list, position: 0, count: list.count)
            }
        }

        public mutating func next() -> CELValue? {
            switch source {
            case .json(var iterator):
                let view = iterator.next()
                source = .json(iterator)
                return view.map { CELValue.reading($0, keepsDigits: digits != .none) }
            case .other(let list, let position, let count):
                guard position < count else { return nil }
                source = .other(list, position: position + 1, count: count)
                return list.element(at: position, digits)
            }
        }
    }

    public func makeIterator() -> Iterator { Iterator(self, .none) }
    public var underestimatedCount: Int { count }
}

extension CELList {
    /// The elements, with digits as far as they are wanted.
    struct Elements: Sequence {
        let list: CELList
        let digits: CELDigits

        func makeIterator() -> Iterator { Iterator(list, digits) }
        var underestimatedCount: Int { list.count }
    }

    func elements(_ digits: CELDigits) -> Elements { Elements(list: self, digits: digits) }
}

/// Keeps `CELValue` small: an existential alone would be larger than every other case.
final class HostListBox: Sendable {
    let list: any CELHostList
    let isPlain: Bool

    init(_ list: some CELHostList, isPlain: Bool = false) {
        self.list = list
        self.isPlain = isPlain
    }

    func element(at position: Int) -> CELValue {
        let element = list.element(at: position)
        return isPlain ? element.read(.none) : element
    }
}
