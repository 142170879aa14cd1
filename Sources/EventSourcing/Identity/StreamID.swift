/// The identity of a stream: a category and an id. Two streams are the same only if both are.
public struct StreamID: Sendable, Hashable, CustomStringConvertible {
    /// What kind of stream; nil for none. The empty text counts as none.
    public let category: String?
    public let id: UniqueID

    public init(category: String? = nil, id: UniqueID) {
        self.category = category.flatMap { $0.isEmpty ? nil : $0 }
        self.id = id
    }

    /// The stream of a name: its id is the version 5 UUID of the name in `UniqueID.namespace`.
    public init(category: String? = nil, name: String) {
        self.init(category: category, id: UniqueID(name: name))
    }

    /// A stream whose id and name are both given.
    ///
    /// - Throws: `.nameAndIDDisagree` unless `id` is the version 5 UUID of `name`.
    public init(category: String? = nil, id: UniqueID, name: String) throws(EventStoreError) {
        let expected = UniqueID(name: name)
        guard id == expected else { throw .nameAndIDDisagree(name: name, received: id, expected: expected) }
        self.init(category: category, id: id)
    }

    /// `<category>::<id>`, or the bare id without a category.
    public var description: String {
        category.map { "\($0)::\(id)" } ?? "\(id)"
    }

    /// Reads the form that `description` writes.
    public init?(_ text: String) {
        guard let separator = text.lastRange(of: "::") else {
            guard let id = UniqueID(text) else { return nil }
            self.init(id: id)
            return
        }
        guard let id = UniqueID(text[separator.upperBound...]) else { return nil }
        self.init(category: String(text[..<separator.lowerBound]), id: id)
    }
}

extension String {
    /// The last place of a short ASCII separator. (Foundation has one; the core has no Foundation.)
    fileprivate func lastRange(of separator: String) -> Range<String.Index>? {
        let wanted = Array(separator.utf8)
        var end = utf8.endIndex
        while let start = utf8.index(end, offsetBy: -wanted.count, limitedBy: utf8.startIndex) {
            if utf8[start..<end].elementsEqual(wanted) { return start..<end }
            guard end > utf8.startIndex else { return nil }
            end = utf8.index(before: end)
        }
        return nil
    }
}
