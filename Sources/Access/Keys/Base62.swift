/// Digits `0-9A-Za-z`, the most significant first.
enum Base62 {
    static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// A number of any size, given by its bytes in network order, in exactly `count` digits.
    static func text(of bytes: [UInt8], count: Int) -> [UInt8] {
        var number = bytes
        var text = [UInt8](repeating: digits[0], count: count)
        for place in text.indices.reversed() {
            var rest = 0
            for index in number.indices {
                let value = rest << 8 | Int(number[index])
                number[index] = UInt8(value / 62)
                rest = value % 62
            }
            text[place] = digits[rest]
        }
        precondition(number.allSatisfy { $0 == 0 }, "the number needs more digits")
        return text
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
