// Tables by texts of users. The key type is what keeps two texts apart that only look alike; these let a plain text be
// looked up.

extension Dictionary where Key == ExactText {
    @inlinable
    public subscript(_ name: String) -> Value? {
        get { self[ExactText(name)] }
        set { self[ExactText(name)] = newValue }
        _modify { yield &self[ExactText(name)] }
    }

    @inlinable
    public subscript(_ name: String, default value: @autoclosure () -> Value) -> Value {
        get { self[ExactText(name), default: value()] }
        _modify { yield &self[ExactText(name), default: value()] }
    }
}

extension Set where Element == ExactText {
    @inlinable
    public func contains(_ text: String) -> Bool { contains(ExactText(text)) }

    /// False if it was there.
    @inlinable
    @discardableResult
    public mutating func insert(_ text: String) -> Bool { insert(ExactText(text)).inserted }

}

extension Sequence where Element == ExactText {
    /// In the order of their bytes.
    public var sortedTexts: [String] { sorted().map(\.text) }
}

extension Array where Element == String {
    /// The same texts in the same order, byte by byte.
    public func hasSameTexts(as other: [String]) -> Bool {
        elementsEqual(other) { ExactText.sameBytes($0, $1) }
    }
}
