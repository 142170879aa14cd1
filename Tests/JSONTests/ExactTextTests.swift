import JSON
import TestSupport
import Testing

@Suite("texts by their bytes")
struct ExactTextTests {
    @Test(
        "canonically equivalent texts are different, of one length as well",
        arguments: [
            ("\u{FC}", "u\u{308}"), ("\u{212B}", "\u{C5}"), ("a\u{323}\u{302}", "a\u{302}\u{323}"),
            ("\u{1100}\u{1161}", "\u{AC00}"),
        ])
    func equivalentTextsDiffer(_ left: String, _ right: String) {
        #expect(left == right, "String takes them for equal")
        for frame in ["", "x", String(repeating: "long ", count: 20)] {
            let (left, right) = (ExactText(frame + left + frame), ExactText(frame + right + frame))
            #expect(left != right)
            #expect((left < right) != (right < left))
            #expect(Set([left, right]).count == 2)
        }
    }

    @Test("texts are equal, ordered and hashed by their bytes")
    func bytesDecide() {
        var random = SeededGenerator(state: 17)
        let letters = ["a", "b", "\u{FC}", "\u{308}", "\u{0}", "\u{FFFD}", "\u{1F600}"]
        for _ in 0..<5_000 {
            let shared = text(letters, upTo: 80, &random)
            let left = shared + text(letters, upTo: 3, &random)
            let right = shared + text(letters, upTo: 3, &random)
            let (first, second) = (Array(left.utf8), Array(right.utf8))
            #expect((ExactText(left) == ExactText(right)) == (first == second))
            #expect((ExactText(left) < ExactText(right)) == first.lexicographicallyPrecedes(second))
            #expect(ExactText.order(left, right).signum() == -ExactText.order(right, left).signum())
            if first == second { #expect(ExactText(left).hashValue == ExactText(right).hashValue) }
        }
    }

    @Test("it is written as a literal and reads as its text")
    func literal() {
        let text: ExactText = "name"
        #expect(text.text == "name" && "\(text)" == "name")
    }

    private func text(_ letters: [String], upTo count: Int, _ random: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...count, using: &random) {
            text += letters.randomElement(using: &random) ?? ""
        }
        return text
    }
}
