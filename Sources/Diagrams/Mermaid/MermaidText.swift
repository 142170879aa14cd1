/// Text that Mermaid takes for text and for nothing else.
enum MermaidText {
    static func label(_ label: TransitionLabel, stays: Bool = false) -> String {
        var text = label.trigger
        if let name = label.name { text += " “\(name)”" }
        if let condition = label.guardText { text += " [\(Words.shortened(condition, to: 60))]" }
        if stays { return text + Scene.effects(of: label) }
        return label.effects.isEmpty ? text : "\(text) / \(label.effects.joined(separator: ", "))"
    }

    /// Everything that has a meaning in Mermaid, in Markdown or in HTML becomes an entity, which Mermaid writes `#35;`.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in Words.oneLine(text).unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", " ", ".", ",", "_", "/", "=", "(", ")", "?", "!", "'", "|":
                result.unicodeScalars.append(scalar)
            case "\u{0}"..."\u{7E}": result += "#\(scalar.value);"
            case "\u{7F}"..."\u{9F}": result.unicodeScalars.append("\u{FFFD}")
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A string of YAML, in double quotes.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in Words.oneLine(text).unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\u{7F}"..."\u{9F}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// Ids that are no words of Mermaid, each given once.
struct MermaidNames {
    private var taken: Set<String> = [
        "as", "class", "classdef", "click", "default", "direction", "end", "fork", "hide", "href", "join", "note",
        "scale", "state", "statediagram", "style", "choice", "accdescr", "acctitle", "title", "root",
    ]

    /// The name itself with `_` for `-`, numbered if it is taken. Mermaid's words have no case.
    mutating func unique(_ name: String) -> String {
        let base = String(name.map { $0 == "-" ? "_" : $0 })
        var id = base
        var number = 2
        while !taken.insert(id.lowercased()).inserted {
            id = "\(base)_\(number)"
            number += 1
        }
        return id
    }
}
