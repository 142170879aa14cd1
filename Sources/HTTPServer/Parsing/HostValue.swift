/// `uri-host [":" port]` (RFC 9110 section 7.2).
enum HostValue {
    /// Unreserved characters, sub-delims except the comma, and the percent sign: a comma would make it a list.
    private static let nameCharacters = ASCII.ByteSet(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+;=%")
    private static let literalCharacters = ASCII.ByteSet("0123456789abcdefABCDEF:.")

    static func isValid(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        if bytes.first == ASCII.leftBracket {
            index = 1
            while index < bytes.count, literalCharacters.contains(bytes[index]) { index += 1 }
            guard index > 2, index < bytes.count, bytes[index] == ASCII.rightBracket else { return false }
            index += 1
        } else {
            while index < bytes.count, nameCharacters.contains(bytes[index]) {
                if bytes[index] == ASCII.percent {
                    guard bytes.count - index > 2, ASCII.hexValue(bytes[index + 1]) != nil,
                        ASCII.hexValue(bytes[index + 2]) != nil
                    else { return false }
                }
                index += 1
            }
            guard index > 0 else { return false }
        }
        if index == bytes.count { return true }
        guard bytes[index] == ASCII.colon else { return false }
        return bytes[(index + 1)...].allSatisfy(ASCII.isDigit)
    }
}
