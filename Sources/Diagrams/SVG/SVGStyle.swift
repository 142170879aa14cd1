/// How the picture looks, in light and in dark surroundings. Every selector begins with the class of the picture, so
/// that it can stand inside a page without changing that page.
enum SVGStyle {
    static let rootClass = "procession-diagram"

    static let text: String = {
        let dark = rules(dark: true).map { "  " + $0 }
        return (fixed + rules(dark: false) + ["@media (prefers-color-scheme: dark) {"] + dark + ["}"])
            .joined(separator: "\n")
    }()

    private static func select(_ parts: String...) -> String {
        parts.map { ".\(rootClass) \($0)" }.joined(separator: ", ")
    }

    private static var fixed: [String] {
        var rules = [
            "\(select("text")) { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif }"
        ]
        for style in [TextLine.Style.title, .frame, .name, .detail, .trigger, .guardText] {
            let weight = style.isBold ? "; font-weight: 600" : ""
            rules.append("\(select("." + style.rawValue)) { font-size: \(SVGNumber.text(style.size))px\(weight) }")
        }
        rules.append("\(select(".guard")) { font-style: italic }")
        rules.append("\(select(".state .name", ".end text", ".notice text")) { text-anchor: middle }")
        rules.append("\(select(".edge path.line")) { fill: none; stroke-width: 1.4 }")
        rules.append("\(select(".edge.taken path.line")) { stroke-width: 2.6 }")
        rules.append("\(select(".box")) { stroke-width: 1.2 }")
        rules.append("\(select(".current > .box")) { stroke-width: 2.6 }")
        rules.append("\(select(".taken .trigger", "text.taken")) { font-weight: 600 }")
        rules.append("\(select(".frame-box")) { stroke-dasharray: 5 4 }")
        return rules
    }

    private static func rules(dark: Bool) -> [String] {
        let palette = dark ? Palette.dark : Palette.light
        return [
            "\(select(".ground")) { fill: \(palette.ground) }",
            "\(select("text")) { fill: \(palette.text) }",
            "\(select(".detail", ".guard")) { fill: \(palette.faint) }",
            "\(select(".frame-box")) { fill: \(palette.frame); stroke: \(palette.line) }",
            "\(select(".box")) { fill: \(palette.box); stroke: \(palette.line) }",
            "\(select(".inner")) { fill: none; stroke: \(palette.line) }",
            "\(select(".rule")) { stroke: \(palette.line); opacity: 0.5 }",
            "\(select(".start .box", "path.head")) { fill: \(palette.edge); stroke: none }",
            "\(select("path.line")) { stroke: \(palette.edge) }",
            "\(select(".complete .box")) { fill: \(palette.good) }",
            "\(select(".cancel .box")) { fill: \(palette.warn) }",
            "\(select(".fail .box")) { fill: \(palette.bad) }",
            "\(select(".visited > .box", ".current > .box", ".visited > .inner", ".current > .inner")) "
                + "{ stroke: \(palette.accent) }",
            "\(select(".state.current > .box")) { fill: \(palette.present) }",
            "\(select(".taken path.line")) { stroke: \(palette.accent) }",
            "\(select(".taken path.head", ".start.visited .box")) { fill: \(palette.accent) }",
            "\(select(".taken .trigger", "text.taken")) { fill: \(palette.accentText) }",
        ]
    }
}

/// Text on every ground has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3).
private struct Palette {
    let ground: String
    let frame: String
    let text: String
    let faint: String
    let box: String
    let line: String
    let edge: String
    let good: String
    let warn: String
    let bad: String
    let accent: String
    let accentText: String
    let present: String

    static let light = Palette(
        ground: "#ffffff", frame: "#fafbfc", text: "#1c2128", faint: "#57606a", box: "#f3f6fa", line: "#8c96a3",
        edge: "#5c6773", good: "#dcf3e1", warn: "#f7ecd0", bad: "#fbe0dd", accent: "#1463c7",
        accentText: "#0f52a8", present: "#cfe4ff")
    static let dark = Palette(
        ground: "#0f141a", frame: "#131920", text: "#e8edf3", faint: "#a3aebb", box: "#1d252f", line: "#66727f",
        edge: "#94a1af", good: "#17402a", warn: "#463a17", bad: "#522320", accent: "#5aa7ff",
        accentText: "#8cc2ff", present: "#173f70")
}
