import CEL
import JSON

// Text in a template that was probably meant as an expression: `data.id`, `$data.id`, `{{data.id}}`.

extension DefinitionReader {
    mutating func findForgottenHole(_ text: String, at pointer: String) {
        guard let path = ForgottenHole.path(in: text) else { return }
        // Members of the data are anybody's to name; those of the other variables are known, and `process.json` is a
        // file.
        guard path.hasPrefix("data.") || (try? CELProgram(path, in: environments[.step])) != nil else { return }
        warn(
            pointer, "this is text, though it looks like an expression",
            hint: "the value is written ${\(path)}, and text that is meant ${'\(text)'}")
    }
}

enum ForgottenHole {
    private static let roots = ["data", "event", "machine", "process", "task"]
    private static let longest = 200

    /// The access path that a whole string seems to mean; nil for any other text.
    static func path(in text: String) -> String? {
        guard text.utf8.count <= longest else { return nil }
        let path = unwrapped(text)
        let parts = path.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1, roots.contains(String(parts[0])), parts.allSatisfy(isIdentifier) else { return nil }
        return String(path)
    }

    private static func unwrapped(_ text: String) -> Substring {
        if text.hasPrefix("{{"), text.hasSuffix("}}"), text.utf8.count > 4 {
            let inner = text.dropFirst(2).dropLast(2).drop { $0 == " " }
            return inner.lastIndex { $0 != " " }.map { inner[...$0] } ?? inner
        }
        return text.hasPrefix("$") ? text.dropFirst() : text[...]
    }

    private static func isIdentifier(_ part: Substring) -> Bool {
        guard let first = part.utf8.first, !isDigit(first) else { return false }
        return part.utf8.allSatisfy { byte in
            let letter = byte | 0x20
            return letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z") || byte == UInt8(ascii: "_")
                || isDigit(byte)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
