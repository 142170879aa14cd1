import CEL
import JSON

/// A string of a template, cut into text and expressions.
enum TemplateText {
    enum Piece: Equatable {
        case literal(String)
        /// `offset` is where the expression begins in the string, in Unicode scalars.
        case hole(String, offset: Int)
    }

    /// Nil when a `${` is not closed; `offset` tells where.
    static func pieces(_ text: String) -> Result<[Piece], Unclosed> {
        let scalars = Array(text.unicodeScalars)
        var pieces: [Piece] = []
        var literal = String.UnicodeScalarView()
        var index = 0
        while index < scalars.count {
            guard scalars[index] == "$" else {
                literal.append(scalars[index])
                index += 1
                continue
            }
            if starts(scalars, at: index, with: "$${") {
                literal.append(contentsOf: "${".unicodeScalars)
                index += 3
            } else if starts(scalars, at: index, with: "${") {
                guard let end = closing(scalars, from: index + 2) else { return .failure(Unclosed(offset: index)) }
                if !literal.isEmpty { pieces.append(.literal(String(literal))) }
                literal = String.UnicodeScalarView()
                var source = String.UnicodeScalarView()
                source.append(contentsOf: scalars[index + 2..<end])
                pieces.append(.hole(String(source), offset: index + 2))
                index = end + 1
            } else {
                literal.append("$")
                index += 1
            }
        }
        if !literal.isEmpty { pieces.append(.literal(String(literal))) }
        return .success(pieces)
    }

    struct Unclosed: Error {
        let offset: Int
    }

    private static func starts(_ scalars: [Unicode.Scalar], at index: Int, with text: String) -> Bool {
        scalars[index...].starts(with: text.unicodeScalars)
    }

    /// The brace that closes an expression: braces of maps nest, those inside of string literals do not count.
    private static func closing(_ scalars: [Unicode.Scalar], from start: Int) -> Int? {
        var depth = 0
        var index = start
        while index < scalars.count {
            switch scalars[index] {
            case "{": depth += 1
            case "}":
                if depth == 0 { return index }
                depth -= 1
            case "'", "\"":
                guard let end = literalEnd(scalars, from: index) else { return nil }
                index = end
            default: break
            }
            index += 1
        }
        return nil
    }

    /// The last quote of the string literal that begins here.
    private static func literalEnd(_ scalars: [Unicode.Scalar], from start: Int) -> Int? {
        let quote = scalars[start]
        let isTriple = start + 2 < scalars.count && scalars[start + 1] == quote && scalars[start + 2] == quote
        let isRaw =
            start > 0 && (scalars[start - 1] == "r" || scalars[start - 1] == "R")
            && !(start > 1 && isNamePart(scalars[start - 2]) && scalars[start - 2] != "b" && scalars[start - 2] != "B")
        var index = start + (isTriple ? 3 : 1)
        while index < scalars.count {
            if scalars[index] == "\\", !isRaw {
                index += 2
                continue
            }
            if scalars[index] == quote {
                if !isTriple { return index }
                if index + 2 < scalars.count, scalars[index + 1] == quote, scalars[index + 2] == quote {
                    return index + 2
                }
            }
            index += 1
        }
        return nil
    }

    private static func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar == "_" || ("0"..."9").contains(scalar)
    }
}

extension DefinitionReader {
    /// Compiles a template; faults are noted, and what could not be compiled is rendered as null.
    mutating func template(_ view: JSONView, at pointer: String, in scope: Scope = .step) -> Template {
        Template(pointer: pointer, root: node(view, at: pointer, in: scope))
    }

    private mutating func node(_ view: JSONView, at pointer: String, in scope: Scope) -> Template.Node {
        switch view.kind {
        case .null, .bool, .number: return .literal(view.rawBytes)
        case .string: return string(view.stringValue ?? "", at: pointer, in: scope)
        case .array:
            var nodes: [Template.Node] = []
            for (index, element) in view.elements.enumerated() {
                nodes.append(node(element, at: "\(pointer)/\(index)", in: scope))
            }
            return folded(.array(nodes))
        case .object:
            var members: [Template.Member] = []
            for (name, value) in view.members {
                let value = node(value, at: JSONPointer.child(pointer, name), in: scope)
                members.append(Template.Member(name: name, value: value))
            }
            return folded(.object(members))
        }
    }

    /// What holds no holes is written once and for all.
    private func folded(_ node: Template.Node) -> Template.Node {
        var writer = JSONWriter()
        switch node {
        case .array(let nodes):
            writer.beginArray()
            for node in nodes {
                guard case .literal(let bytes) = node else { return .array(nodes) }
                writer.raw(bytes)
            }
            writer.endArray()
        case .object(let members):
            writer.beginObject()
            for member in members {
                guard case .literal(let bytes) = member.value else { return .object(members) }
                writer.name(member.name)
                writer.raw(bytes)
            }
            writer.endObject()
        case .literal, .hole, .text: return node
        }
        return .literal(writer.finish())
    }

    private mutating func string(_ text: String, at pointer: String, in scope: Scope) -> Template.Node {
        let pieces: [TemplateText.Piece]
        switch TemplateText.pieces(text) {
        case .success(let found): pieces = found
        case .failure(let unclosed):
            fault(
                pointer, "this '${' is not closed", column: unclosed.offset + 1,
                hint: "a literal '${' is written '$${'")
            return .literal(Array("null".utf8))
        }
        if case .hole(let source, let offset)? = pieces.first, pieces.count == 1 {
            return expression(source, at: pointer, in: scope, offset: offset).map(Template.Node.hole)
                ?? .literal(Array("null".utf8))
        }
        var compiled: [Template.TextPiece] = []
        var plain = ""
        for piece in pieces {
            switch piece {
            case .literal(let literal):
                plain += literal
                compiled.append(.literal(literal))
            case .hole(let source, let offset):
                guard let expression = expression(source, at: pointer, in: scope, offset: offset) else { continue }
                compiled.append(.hole(expression))
            }
        }
        let hasHoles = compiled.contains { if case .hole = $0 { true } else { false } }
        if hasHoles { return .text(compiled) }
        findForgottenHole(text, at: pointer)
        return .literal(JSONValue.string(plain).bytes)
    }
}
