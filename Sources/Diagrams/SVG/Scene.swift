/// Everything that an SVG shows, with places and sizes in pixels.
struct Scene: Sendable, Equatable {
    var width: Double
    var height: Double
    var title: TextLine
    var summary: String
    var machines: [MachineScene]
}

/// A line of text in one of the styles of the drawing. What had to be cut is whole in `full`.
struct TextLine: Sendable, Equatable {
    enum Style: String, Sendable {
        case title
        case frame
        case name
        case detail
        case trigger
        case guardText = "guard"

        var size: Double {
            switch self {
            case .title: 16
            case .frame, .name: 14
            case .trigger: 12.5
            case .detail, .guardText: 11.5
            }
        }

        var lineHeight: Double { (size * 1.35).rounded(.up) }
        var isBold: Bool { self == .title || self == .frame || self == .name }
    }

    var text: String
    var full: String
    var style: Style
    /// The process took this way.
    var isTaken = false

    init(_ text: String, _ style: Style, limit: Int = 64, isTaken: Bool = false) {
        self.text = Words.shortened(text, to: limit)
        full = text
        self.style = style
        self.isTaken = isTaken
    }

    var width: Double { TextMetrics.width(of: text, size: style.size, isBold: style.isBold || isTaken) }
}

struct MachineScene: Sendable, Equatable {
    /// Nil for the only machine of a definition.
    var frame: Rectangle?
    var header: TextLine?
    var nodes: [NodeScene]
    var edges: [EdgeScene]
}

struct NodeScene: Sendable, Equatable {
    enum Shape: Sendable, Equatable {
        case start
        case state(isFinal: Bool)
        case end(EndNode.Kind)
        /// Says that a machine has too much to draw.
        case notice
    }

    enum Mark: String, Sendable {
        case none
        case visited
        case current
    }

    var shape: Shape
    /// Without the loops beside it.
    var rectangle: Rectangle
    /// The first is the name.
    var lines: [TextLine]
    var mark: Mark
}

struct EdgeScene: Sendable, Equatable {
    enum Course: Sendable, Equatable {
        /// See `LayeredDrawing.DrawnEdge`.
        case layered([Point])
        /// Out of the right side of a box and back into it, as far as `reach`.
        case loop(from: Point, to: Point, reach: Double)
    }

    var course: Course
    /// Indices into the nodes of the machine.
    var from: Int
    var to: Int
    /// The box of the text, right of the edge.
    var label: Rectangle?
    var lines: [TextLine]
    var isTaken: Bool
    /// All it says, uncut.
    var full: String
}

extension Scene {
    /// The text of one transition as it stands beside its edge.
    static func lines(of label: TransitionLabel, thenEnds: EndNode?, count: Int) -> [TextLine] {
        let times = count > 1 ? " ×\(count)" : ""
        var lines = [TextLine(Words.shortened(label.trigger, to: 36) + times, .trigger, isTaken: count > 0)]
        if let name = label.name { lines.append(TextLine("“\(Words.oneLine(name))”", .guardText, limit: 38)) }
        if let text = label.guardText { lines.append(TextLine("[\(text)]", .guardText, limit: 38)) }
        if !label.effects.isEmpty {
            lines.append(TextLine("/ " + label.effects.joined(separator: ", "), .guardText, limit: 38))
        }
        if let end = thenEnds { lines.append(TextLine("then " + end.words, .guardText)) }
        return lines
    }

    /// What a transition that stays does; what it sets is told only if there is nothing else.
    static func effects(of stay: TransitionLabel) -> String {
        if !stay.effects.isEmpty { return " / " + stay.effects.joined(separator: ", ") }
        return stay.sets.isEmpty ? "" : " / set " + stay.sets.joined(separator: ", ")
    }

    static func full(_ label: TransitionLabel, from: String, to: String) -> String {
        var text = "\(from) to \(to): \(label.trigger)"
        if let name = label.name { text += " “\(Words.oneLine(name))”" }
        if let condition = label.guardText { text += " [\(condition)]" }
        let effects = label.effects + (label.sets.isEmpty ? [] : ["set \(label.sets.joined(separator: ", "))"])
        if !effects.isEmpty { text += " / " + effects.joined(separator: ", ") }
        return text
    }
}

extension EndNode {
    var words: String { compensates ? "\(label), after undoing" : label }
}
