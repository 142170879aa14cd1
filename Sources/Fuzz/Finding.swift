/// Something that must never be.
struct Finding: Error, CustomStringConvertible {
    let message: String
    /// What led to it, as text.
    let input: String

    init(_ message: String, input: String) {
        self.message = message
        self.input = input
    }

    var description: String { "\(message)\n\(input)" }
}

/// One kind of input, and what has to hold for it.
protocol FuzzTarget: Sendable {
    /// Makes one input and feeds it. Returns whether the input was accepted.
    func run(_ random: inout SeededGenerator) throws(Finding) -> Bool
}
