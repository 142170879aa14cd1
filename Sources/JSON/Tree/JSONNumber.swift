/// A number by its digits. `1`, `1.0` and `1e0` are three different numbers: nothing is computed or rounded.
public struct JSONNumber: Sendable, Hashable {
    /// The digits exactly as written.
    public let text: String

    /// Nil unless the text is one number of RFC 8259 section 6 and nothing else.
    public init?(_ text: String) {
        var text = text
        let isNumber = text.withUTF8 { bytes in
            guard let first = bytes.first, first == UInt8(ascii: "-") || JSONScanner.isDigit(first) else {
                return false
            }
            return (try? JSONScanner.number(bytes, from: 0)) == bytes.count
        }
        guard isNumber else { return nil }
        self.text = text
    }

    public init(_ value: some BinaryInteger) { text = String(value) }

    /// The shortest digits that give this double again; a whole number is written `2.0`. Nil unless finite.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        text = value.description
    }

    init(validated text: String) { self.text = text }

    /// Whether the text has neither fraction nor exponent.
    public var isInteger: Bool {
        text.utf8.allSatisfy { JSONScanner.isDigit($0) || $0 == UInt8(ascii: "-") }
    }

    /// The value of an integer literal that fits, else nil.
    public var int64: Int64? { isInteger ? Int64(text) : nil }

    /// The value of an integer literal that fits, else nil.
    public var uint64: UInt64? { isInteger ? UInt64(text) : nil }

    /// The nearest double. Nil where it would be infinite (`1e400`); too small a number gives zero.
    public var double: Double? {
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }
}
