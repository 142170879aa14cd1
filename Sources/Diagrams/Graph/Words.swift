/// Small works on text that every way of drawing needs.
enum Words {
    /// Runs of white space and control characters become one space.
    static func oneLine(_ text: String) -> String {
        var line = ""
        var gap = false
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace || scalar.value < 0x20 || scalar.value == 0x7F {
                gap = !line.isEmpty
            } else {
                if gap { line.unicodeScalars.append(" ") }
                gap = false
                line.unicodeScalars.append(scalar)
            }
        }
        return line
    }

    /// At most so many characters, the last one an ellipsis if some had to go.
    static func shortened(_ text: String, to limit: Int) -> String {
        guard text.count > limit else { return text }
        return text.prefix(max(0, limit - 1)) + "…"
    }

    static func replacing(_ part: String, by other: String, in text: String) -> String {
        guard text.utf8.count >= part.utf8.count, !part.isEmpty else { return text }
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        let wanted = Array(part.utf8)
        while let byte = rest.first {
            if rest.starts(with: wanted) {
                result += other.utf8
                rest = rest.dropFirst(wanted.count)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// `1 state`, `2 states`.
    static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }
}
