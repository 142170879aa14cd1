extension DefinitionGraph {
    /// An SVG 1.1 document with its own style, for light and dark surroundings. The same graph and overlay give the
    /// same bytes. A machine with too much to draw (thousands of states) is a box that says so.
    public func svg(marking overlay: ProcessOverlay? = nil) -> String {
        var writer = SVGWriter()
        writer.write(Scene(self, marking: overlay))
        return writer.text
    }
}

/// Lengths with one decimal at the most: short, and the same everywhere.
enum SVGNumber {
    static func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
        return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
    }
}

private struct SVGWriter {
    static let headLength = 8.0
    static let headWidth = 4.0

    private(set) var text = ""

    mutating func write(_ scene: Scene) {
        let (width, height) = (scene.width.rounded(.up), scene.height.rounded(.up))
        let size = "width=\"\(number(width))\" height=\"\(number(height))\""
        line(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"\(SVGStyle.rootClass)\" \(size) "
                + "viewBox=\"0 0 \(number(width)) \(number(height))\" role=\"img\" "
                + "aria-label=\"\(escaped(scene.title.full))\">")
        line("<title>\(escaped(scene.title.full))</title>")
        line("<desc>\(escaped(scene.summary))</desc>")
        line("<style>\n\(SVGStyle.text)\n</style>")
        line("<rect class=\"ground\" width=\"100%\" height=\"100%\"/>")
        write(scene.title, x: Scene.margin, y: Scene.margin)
        for machine in scene.machines { write(machine) }
        line("</svg>")
    }

    private mutating func write(_ machine: MachineScene) {
        line("<g class=\"machine\">")
        if let frame = machine.frame {
            line(rectangle(frame, "frame-box", radius: 10))
            if let header = machine.header {
                write(header, x: frame.x + Scene.framePadding, y: frame.y + Scene.framePadding / 2)
            }
        }
        for edge in machine.edges where !edge.isTaken { write(edge) }
        // The way taken lies on top.
        for edge in machine.edges where edge.isTaken { write(edge) }
        for node in machine.nodes { write(node) }
        line("</g>")
    }

    // MARK: Nodes

    private mutating func write(_ node: NodeScene) {
        let mark = node.mark == .none ? "" : " \(node.mark.rawValue)"
        let box = node.rectangle
        switch node.shape {
        case .start:
            let middle = "cx=\"\(number(box.midX))\" cy=\"\(number(box.midY))\""
            line("<g class=\"start\(mark)\"><circle class=\"box\" \(middle) r=\"\(number(box.width / 2))\"/></g>")
        case .state(let isFinal):
            line("<g class=\"state\(mark)\">")
            line(rectangle(box, "box", radius: 8))
            if isFinal {
                let inner = Rectangle(x: box.x + 3, y: box.y + 3, width: box.width - 6, height: box.height - 6)
                line(rectangle(inner, "inner", radius: 6))
            }
            writeLines(of: node)
            line("</g>")
        case .end(let kind):
            line("<g class=\"end \(kind.rawValue)\(mark)\">")
            line(rectangle(box, "box", radius: box.height / 2))
            writeLines(of: node)
            line("</g>")
        case .notice:
            line("<g class=\"notice\">")
            line(rectangle(box, "box", radius: 8))
            writeLines(of: node)
            line("</g>")
        }
    }

    /// The name in the middle, the rest of a state at the left below a rule.
    private mutating func writeLines(of node: NodeScene) {
        let box = node.rectangle
        let isState: Bool
        if case .state = node.shape { isState = true } else { isState = false }
        let content = node.lines.reduce(0) { $0 + $1.style.lineHeight }
        let hasRule = isState && node.lines.count > 1
        var y = hasRule ? box.y + 8 : box.y + (box.height - content) / 2
        for (index, text) in node.lines.enumerated() {
            let isCentred = index == 0 || !isState
            write(text, x: isCentred ? box.midX : box.x + MachineSceneBuilder.padding, y: y)
            y += text.style.lineHeight
            if index == 0, hasRule {
                y += 3.5
                let ends = "x1=\"\(number(box.x + 6))\" x2=\"\(number(box.maxX - 6))\""
                line("<line class=\"rule\" \(ends) y1=\"\(number(y))\" y2=\"\(number(y))\"/>")
                y += 3.5
            }
        }
    }

    // MARK: Edges

    private mutating func write(_ edge: EdgeScene) {
        line("<g class=\"edge\(edge.isTaken ? " taken" : "")\">")
        line("<title>\(escaped(edge.full))</title>")
        switch edge.course {
        case .layered(let points): writeCourse(points)
        case .loop(let from, let to, let reach):
            let bend = from.x + reach * 1.3
            line(
                "<path class=\"line\" d=\"M\(point(from)) C\(number(bend)),\(number(from.y)) "
                    + "\(number(bend)),\(number(to.y)) \(number(to.x + Self.headLength - 1)),\(number(to.y))\"/>")
            head(at: to, along: Point(x: -1, y: 0))
        }
        if let label = edge.label {
            var y = label.y
            for text in edge.lines {
                write(text, x: label.x, y: y)
                y += text.style.lineHeight
            }
        }
        line("</g>")
    }

    private mutating func writeCourse(_ points: [Point]) {
        guard var last = points.first, let end = points.last, points.count > 1 else { return }
        let direction = points[points.count - 2].y < end.y ? 1.0 : -1.0
        var path = "M\(point(last))"
        for (index, next) in points.enumerated().dropFirst() {
            var next = next
            // The line ends inside the head, so that its blunt end does not show.
            if index == points.count - 1 { next.y -= direction * (Self.headLength - 1) }
            if next.x == last.x {
                path += " L\(point(next))"
            } else {
                let middle = (last.y + next.y) / 2
                path += " C\(number(last.x)),\(number(middle)) \(number(next.x)),\(number(middle)) \(point(next))"
            }
            last = next
        }
        line("<path class=\"line\" d=\"\(path)\"/>")
        head(at: end, along: Point(x: 0, y: direction))
    }

    private mutating func head(at tip: Point, along direction: Point) {
        let base = Point(x: tip.x - direction.x * Self.headLength, y: tip.y - direction.y * Self.headLength)
        let (sideX, sideY) = (direction.y * Self.headWidth, direction.x * Self.headWidth)
        let left = Point(x: base.x - sideX, y: base.y - sideY)
        let right = Point(x: base.x + sideX, y: base.y + sideY)
        line("<path class=\"head\" d=\"M\(point(tip)) L\(point(left)) L\(point(right)) Z\"/>")
    }

    // MARK: Parts

    private mutating func line(_ markup: String) {
        text += markup
        text += "\n"
    }

    /// `y` is the top of the line.
    private mutating func write(_ part: TextLine, x: Double, y: Double) {
        let baseline = y + part.style.size * 1.02
        let style = part.style.rawValue + (part.isTaken ? " taken" : "")
        let whole = part.text == part.full || part.style == .trigger ? "" : "<title>\(escaped(part.full))</title>"
        line(
            "<text class=\"\(style)\" x=\"\(number(x))\" y=\"\(number(baseline))\">"
                + "\(whole)\(escaped(part.text))</text>")
    }

    private func rectangle(_ box: Rectangle, _ style: String, radius: Double) -> String {
        "<rect class=\"\(style)\" x=\"\(number(box.x))\" y=\"\(number(box.y))\" width=\"\(number(box.width))\" "
            + "height=\"\(number(box.height))\" rx=\"\(number(radius))\"/>"
    }

    private func number(_ value: Double) -> String { SVGNumber.text(value) }
    private func point(_ point: Point) -> String { "\(number(point.x)),\(number(point.y))" }

    /// Characters that XML 1.0 cannot hold at all become the replacement character.
    private func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\t", "\n", "\r": result += " "
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
