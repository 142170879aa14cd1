import JSON

/// JSON with holes: a string that is exactly `${expr}` stands for the value of the expression with its type, `${expr}`
/// inside a longer string for its text, `$${` for the characters `${`.
///
/// Compiled once; what has no holes is rendered once, too.
public struct Template: Sendable {
    indirect enum Node: Sendable {
        /// A complete JSON value, as written.
        case literal([UInt8])
        case hole(CompiledExpression)
        case text([TextPiece])
        case array([Node])
        case object([Member])
    }

    struct Member: Sendable {
        let name: String
        let value: Node
    }

    enum TextPiece: Sendable {
        case literal(String)
        case hole(CompiledExpression)
    }

    public let pointer: String
    let root: Node
    /// The rendered value of a template without holes.
    public let constant: JSONView?
    /// It sees `counts` or `machines`, which a transition changes besides the data.
    let readsMachines: Bool

    init(pointer: String, root: Node) {
        self.pointer = pointer
        self.root = root
        if case .literal(let bytes) = root {
            var writer = JSONWriter()
            writer.raw(bytes)
            constant = writer.document.root
        } else {
            constant = nil
        }
        readsMachines = root.holes.contains { $0.reads(.counts) || $0.reads(.machines) || $0.reads(.results) }
    }

    init(pointer: String, constant: JSONView) {
        self.init(pointer: pointer, root: .literal(constant.rawBytes))
    }
}

extension Template.Node {
    var holes: [CompiledExpression] {
        switch self {
        case .literal: []
        case .hole(let expression): [expression]
        case .text(let pieces):
            pieces.compactMap { if case .hole(let expression) = $0 { expression } else { nil } }
        case .array(let nodes): nodes.flatMap(\.holes)
        case .object(let members): members.flatMap(\.value.holes)
        }
    }
}
