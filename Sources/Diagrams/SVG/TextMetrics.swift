/// About how wide text is, without a font at hand: the widths of a wide sans-serif face, so that text drawn in a
/// narrower one never leaves its box.
enum TextMetrics {
    /// In pixels.
    static func width(of text: String, size: Double, isBold: Bool = false) -> Double {
        var units = 0.0
        for scalar in text.unicodeScalars { units += Double(self.units(of: scalar)) }
        return (units * size / 1000 * (isBold ? 1.07 : 1)).rounded(.up)
    }

    /// Thousandths of the font size.
    private static func units(of scalar: Unicode.Scalar) -> Int {
        switch scalar {
        case "i", "j", "l", "'", "|": 300
        case "I", ".", ",", ":", ";", "!": 340
        case "f", "t", "r", "(", ")", "[", "]", "/", "\\", " ", "-", "`": 405
        case "\"", "{", "}", "*": 500
        case "m", "M", "W", "%", "@": 990
        case "w", "=", "+", "<", ">", "&", "~", "^": 820
        case "A"..."H", "J"..."L", "N"..."V", "X"..."Z": 725
        case "0"..."9", "a"..."z", "_", "?", "$", "#": 630
        case "\u{0}"..."\u{24F}": 700
        case "\u{370}"..."\u{52F}": 760
        case "\u{2010}"..."\u{22FF}": 1000
        // Scripts and signs as wide as they are high, and whatever is not known.
        default: 1100
        }
    }
}
