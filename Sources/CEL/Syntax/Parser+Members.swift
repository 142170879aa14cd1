/// What binds tightest: literals, names, calls, fields, indexes, lists and maps.
extension Parser {
    mutating func member() throws(CompileFault) -> Int {
        try postfix(try primary())
    }

    mutating func postfix(_ start: Int) throws(CompileFault) -> Int {
        var operand = start
        while true {
            if take(.dot) {
                let isOptional = take(.question)
                let offset = current.offset
                let (name, isQuoted) = try fieldName()
                if !isOptional, !isQuoted, take(.openParenthesis) {
                    let arguments = try expressions(until: .closeParenthesis)
                    operand = try add(
                        .method(operand, name: name, arguments), at: offset, children: [operand] + arguments)
                } else {
                    operand = try add(.select(operand, field: name, isOptional: isOptional), at: offset, operand)
                }
            } else if case .symbol(.openBracket) = current.kind {
                let offset = current.offset
                position += 1
                let isOptional = take(.question)
                let key = try expression()
                try expect(.closeBracket, "of an index")
                operand = try add(.index(operand, key: key, isOptional: isOptional), at: offset, operand, key)
            } else {
                return operand
            }
        }
    }

    private mutating func fieldName() throws(CompileFault) -> (String, isQuoted: Bool) {
        switch current.kind {
        case .identifier(let name):
            position += 1
            return (name, false)
        case .quotedName(let name):
            position += 1
            return (name, true)
        default: throw unexpected("a field name")
        }
    }

    private mutating func primary() throws(CompileFault) -> Int {
        let token = current
        position += 1
        switch token.kind {
        case .symbol(.openParenthesis):
            let inner = try expression()
            try expect(.closeParenthesis, "of the parentheses")
            return inner
        case .symbol(.openBracket): return try list(token.offset)
        case .symbol(.openBrace): return try map(token.offset)
        case .symbol(.dot):
            guard case .identifier(let name) = current.kind else { throw unexpected("a name") }
            position += 1
            return try nameOrCall(name, isAbsolute: true, at: current.offset)
        case .identifier(let name): return try nameOrCall(name, isAbsolute: false, at: token.offset)
        case .integer(let magnitude):
            guard let value = Int64(exactly: magnitude) else { throw outOfRange(token) }
            return try add(.constant(.int(value)), at: token.offset)
        case .unsigned(let value): return try add(.constant(.uint(value)), at: token.offset)
        case .double(let value): return try add(.constant(.double(value)), at: token.offset)
        case .string(let value): return try add(.constant(.string(value)), at: token.offset)
        case .bytes(let value): return try add(.constant(.bytes(value)), at: token.offset)
        case .symbol, .quotedName, .end:
            position -= 1
            throw unexpected("an expression")
        }
    }

    private mutating func nameOrCall(_ name: String, isAbsolute: Bool, at offset: Int) throws(CompileFault) -> Int {
        switch name {
        case "true": return try add(.constant(.bool(true)), at: offset)
        case "false": return try add(.constant(.bool(false)), at: offset)
        case "null": return try add(.constant(.null), at: offset)
        default: break
        }
        guard !Token.isReserved(name) else {
            throw CompileFault(.syntax, "'\(name)' is a reserved word", at: offset)
        }
        guard take(.openParenthesis) else {
            return try add(.identifier(name, isAbsolute: isAbsolute), at: offset)
        }
        let arguments = try expressions(until: .closeParenthesis)
        return try add(.call(name, arguments), at: offset, children: arguments)
    }

    private mutating func expressions(until end: Token.Symbol) throws(CompileFault) -> [Int] {
        var items: [Int] = []
        if take(end) { return items }
        repeat { items.append(try expression()) } while take(.comma)
        try expect(end, "of the arguments")
        return items
    }

    private mutating func list(_ offset: Int) throws(CompileFault) -> Int {
        var elements: [SyntaxTree.Element] = []
        while !take(.closeBracket) {
            let isOptional = take(.question)
            elements.append(.init(value: try expression(), isOptional: isOptional))
            if !take(.comma) {
                try expect(.closeBracket, "of the list")
                break
            }
        }
        return try add(.list(elements), at: offset, children: elements.map(\.value))
    }

    private mutating func map(_ offset: Int) throws(CompileFault) -> Int {
        var entries: [SyntaxTree.Entry] = []
        while !take(.closeBrace) {
            let isOptional = take(.question)
            let key = try expression()
            try expect(.colon, "between key and value")
            entries.append(.init(key: key, value: try expression(), isOptional: isOptional))
            if !take(.comma) {
                try expect(.closeBrace, "of the map")
                break
            }
        }
        return try add(.map(entries), at: offset, children: entries.flatMap { [$0.key, $0.value] })
    }
}
