/// A box around the vertical line through its middle, in pixels.
struct LayoutBox: Sendable, Equatable {
    /// How far the box reaches to the left and to the right of its line.
    var left: Double
    var right: Double
    var height: Double
    /// How far to both sides of the line edges may be fastened.
    var ports: Double

    init(left: Double, right: Double, height: Double, ports: Double = 0) {
        self.left = left
        self.right = right
        self.height = height
        self.ports = ports
    }
}

/// An edge between two different boxes. Edges from a box to itself are part of the box.
struct LayoutEdge: Sendable {
    var from: Int
    var to: Int
    /// The text beside the edge; the edge itself runs along the box's line.
    var label: LayoutBox?
}

struct Point: Sendable, Equatable {
    var x: Double
    var y: Double
}

struct Rectangle: Sendable, Equatable {
    var x: Double
    var y: Double
    var width: Double
    var height: Double

    var maxX: Double { x + width }
    var maxY: Double { y + height }
    var midX: Double { x + width / 2 }
    var midY: Double { y + height / 2 }
}

/// Places boxes in rows from top to bottom and draws edges between them, after Sugiyama, Tagawa and Toda (1981):
/// cycles are broken, rows assigned, crossings reduced and coordinates found one after the other, each in its own file.
///
/// Every edge spans at least two rows, so that its label gets a place of its own in a row between. All bends lie between
/// rows, where there are no boxes; an edge therefore cuts neither a box nor a label. The same input gives the same
/// drawing to the last bit.
struct LayeredDrawing: Sendable, Equatable {
    struct DrawnEdge: Sendable, Equatable {
        /// From the border of its source to the border of its target. Between two points the edge is a straight line if
        /// it is vertical, else a curve that begins and ends vertically.
        var points: [Point]
        var label: Rectangle?
    }

    var boxes: [Rectangle]
    /// The vertical line of each box.
    var lines: [Double]
    var edges: [DrawnEdge]
    var width: Double
    var height: Double

    /// Nil if it would take too long: the number of pieces of edges can grow with the square of the document.
    static let maximumVertices = 6_000
}

extension LayeredDrawing {
    init?(boxes: [LayoutBox], edges: [LayoutEdge]) {
        let reversed = CycleRemoval.reversed(edges, count: boxes.count)
        let acyclic = zip(edges, reversed).map { edge, reversed in
            reversed ? (upper: edge.to, lower: edge.from) : (upper: edge.from, lower: edge.to)
        }
        let ranks = Layering.ranks(of: acyclic, count: boxes.count)
        let vertices = acyclic.reduce(boxes.count) { $0 + ranks[$1.lower] - ranks[$1.upper] - 1 }
        guard vertices <= Self.maximumVertices else { return nil }
        var graph = LayeredGraph(boxes: boxes, edges: edges, reversed: reversed, ranks: ranks)
        Ordering.reduceCrossings(of: &graph)
        let xs = Coordinates.positions(in: graph)
        self = EdgeRouting.drawing(of: graph, at: xs, edges: edges, reversed: reversed)
    }
}
