extension JSONView {
    /// The member of an object; nil in anything else. Searches the members in their order without decoding them.
    public subscript(_ name: String) -> JSONView? {
        guard storage.bytes[start] == UInt8(ascii: "{") else { return nil }
        var name = name
        let found = name.withUTF8 { wanted in
            storage.bytes.withUnsafeBufferPointer { input in
                storage.index.withUnsafeBufferPointer { words in
                    Self.find(wanted, input, words, first: entry + 4, end: nextEntry)
                }
            }
        }
        return found.map { JSONView(storage: storage, entry: $0) }
    }

    private static func find(
        _ wanted: UnsafeBufferPointer<UInt8>, _ input: UnsafeBufferPointer<UInt8>, _ words: UnsafeBufferPointer<UInt32>,
        first: Int, end: Int
    ) -> Int? {
        var member = first
        while member < end {
            let isFound = JSONText.equalPlain(
                wanted, input, JSONNames.range(words, member), escaped: JSONNames.isEscaped(words, member))
            if isFound { return member + 2 }
            member = JSONNames.following(words, member)
        }
        return nil
    }

    /// The element of an array; nil out of range and in anything else. Walks the elements before it.
    public subscript(_ index: Int) -> JSONView? {
        guard storage.bytes[start] == UInt8(ascii: "["), index >= 0, index < count else { return nil }
        var element = entry + 4
        for _ in 0..<index { element = storage.next(element) }
        return JSONView(storage: storage, entry: element)
    }

    /// The elements of an array in order; empty for anything else.
    public var elements: Elements { Elements(view: self) }

    /// The members of an object in the order sent; empty for anything else.
    public var members: Members { Members(view: self) }

    /// Calls the body for each member of an object in the order sent.
    public func forEachMember<E: Error>(_ body: (_ name: String, _ value: JSONView) throws(E) -> Void) throws(E) {
        for (name, value) in members { try body(name, value) }
    }

    public struct Elements: Sequence, Sendable {
        let view: JSONView

        public var underestimatedCount: Int { view.kind == .array ? view.count : 0 }

        public func makeIterator() -> Iterator {
            let isArray = view.kind == .array
            return Iterator(storage: view.storage, position: view.entry + 4, end: isArray ? view.nextEntry : 0)
        }

        public struct Iterator: IteratorProtocol, Sendable {
            let storage: JSONStorage
            var position: Int
            let end: Int

            public mutating func next() -> JSONView? {
                guard position < end else { return nil }
                defer { position = storage.next(position) }
                return JSONView(storage: storage, entry: position)
            }
        }
    }

    public struct Members: Sequence, Sendable {
        let view: JSONView

        public var underestimatedCount: Int { view.kind == .object ? view.count : 0 }

        public func makeIterator() -> Iterator {
            let isObject = view.kind == .object
            return Iterator(storage: view.storage, position: view.entry + 4, end: isObject ? view.nextEntry : 0)
        }

        public struct Iterator: IteratorProtocol, Sendable {
            let storage: JSONStorage
            var position: Int
            let end: Int

            public mutating func next() -> (name: String, value: JSONView)? {
                guard position < end else { return nil }
                let name = position
                position = storage.next(name + 2)
                return (storage.string(at: name), JSONView(storage: storage, entry: name + 2))
            }
        }
    }
}
