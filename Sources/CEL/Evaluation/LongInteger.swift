import JSON

/// Integers of JSON beyond 64 bits. They are compared by their digits: a double cannot tell two account numbers apart.
enum LongInteger {
    /// Below, equal to or above zero as the left one is smaller, the same or larger; nil unless both are integers.
    static func order(_ left: CELValue, _ right: CELValue) -> Int? {
        guard let first = digits(left), let second = digits(right) else { return nil }
        let isNegative = first.utf8.first == UInt8(ascii: "-")
        guard isNegative == (second.utf8.first == UInt8(ascii: "-")) else { return isNegative ? -1 : 1 }
        // JSON has no leading zeros, so that more digits are a larger number.
        let lengths = first.utf8.count - second.utf8.count
        let order = lengths == 0 ? ExactText.order(first, second) : lengths
        return isNegative ? -order : order
    }

    private static func digits(_ value: CELValue) -> String? {
        switch value {
        case .int(let number): String(number)
        case .uint(let number): String(number)
        case .number(let number):
            number.text.utf8.allSatisfy { Lexer.isDigit($0) || $0 == UInt8(ascii: "-") } ? number.text : nil
        default: nil
        }
    }
}
