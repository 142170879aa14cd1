/// The methods of strings. Positions count code points.
enum StringFunctions {
    static func test(_ function: Function, _ arguments: Arguments, _ cost: inout CELCost) throws(Fault) -> Bool {
        guard case .string(let text) = arguments.first, case .string(let part) = arguments.second else {
            throw Functions.noOverload(function, arguments)
        }
        switch function {
        case .startsWith:
            try cost.pay(bytes: part.utf8.count)
            return text.utf8.starts(with: part.utf8)
        case .endsWith:
            try cost.pay(bytes: part.utf8.count)
            return text.utf8.count >= part.utf8.count
                && text.utf8.suffix(part.utf8.count).elementsEqual(part.utf8)
        case .contains:
            try cost.pay(bytes: text.utf8.count + part.utf8.count)
            return try Search.first(Array(part.utf8), in: Array(text.utf8), from: 0, &cost) != nil
        default: return try Pattern(part, &cost).matches(text, &cost)
        }
    }

    static func call(_ function: Function, _ arguments: Arguments, _ cost: inout CELCost) throws(Fault) -> CELValue {
        if function == .join { return .string(try join(arguments, &cost)) }
        guard case .string(let text) = arguments.first else { throw Functions.noOverload(function, arguments) }
        // Every one of these looks at the whole text and may copy it.
        try cost.pay(bytes: text.utf8.count * 4)
        switch (function, arguments.second, arguments.third, arguments.fourth, arguments.count) {
        case (.lowerAscii, _, _, _, 1):
            return .string(mapped(text) { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 })
        case (.upperAscii, _, _, _, 1):
            return .string(mapped(text) { $0 >= 0x61 && $0 <= 0x7A ? $0 & 0xDF : $0 })
        case (.trim, _, _, _, 1): return .string(trimmed(text))
        case (.reverse, _, _, _, 1): return .string(string(text.unicodeScalars.reversed()))
        case (.quote, _, _, _, 1): return .string(quoted(text))
        case (.charAt, .int(let position), _, _, 2): return .string(try charAt(text, position))
        case (.substring, .int(let start), _, _, 2): return .string(try substring(text, start, nil))
        case (.substring, .int(let start), .int(let end), _, 3): return .string(try substring(text, start, end))
        case (.indexOf, .string(let part), _, _, 2): return .int(try indexOf(part, text, 0, &cost))
        case (.indexOf, .string(let part), .int(let start), _, 3):
            return .int(try indexOf(part, text, start, &cost))
        case (.lastIndexOf, .string(let part), _, _, 2): return .int(try lastIndexOf(part, text, nil, &cost))
        case (.lastIndexOf, .string(let part), .int(let start), _, 3):
            return .int(try lastIndexOf(part, text, start, &cost))
        case (.replace, .string(let old), .string(let new), _, 3):
            return .string(try Search.replace(text, old, new, limit: -1, &cost))
        case (.replace, .string(let old), .string(let new), .int(let limit), 4):
            return .string(try Search.replace(text, old, new, limit: limit, &cost))
        case (.split, .string(let separator), _, _, 2): return try split(text, separator, -1, &cost)
        case (.split, .string(let separator), .int(let limit), _, 3): return try split(text, separator, limit, &cost)
        default: throw Functions.noOverload(function, arguments)
        }
    }

    private static func join(_ arguments: Arguments, _ cost: inout CELCost) throws(Fault) -> String {
        guard case .list(let list) = arguments.first else { throw Functions.noOverload(.join, arguments) }
        var separator = ""
        if arguments.count == 2 {
            guard case .string(let text) = arguments.second else { throw Functions.noOverload(.join, arguments) }
            separator = text
        }
        var joined = ""
        var isFirst = true
        for element in list {
            guard case .string(let text) = element else {
                throw Fault(.noSuchOverload, "join() joins strings, not \(element.typeText)")
            }
            try cost.pay(1)
            try cost.pay(bytes: text.utf8.count + separator.utf8.count)
            if !isFirst { joined += separator }
            isFirst = false
            joined += text
        }
        return joined
    }

    private static func split(
        _ text: String, _ separator: String, _ limit: Int64, _ cost: inout CELCost
    ) throws(Fault) -> CELValue {
        let parts = try Search.split(text, separator, limit: limit, &cost)
        return .list(CELList(parts.map { .string($0) }))
    }

    private static func charAt(_ text: String, _ position: Int64) throws(Fault) -> String {
        let scalars = Array(text.unicodeScalars)
        guard position >= 0, position <= scalars.count else { throw outside(position, scalars.count) }
        return position == scalars.count ? "" : String(scalars[Int(position)])
    }

    private static func substring(_ text: String, _ start: Int64, _ end: Int64?) throws(Fault) -> String {
        let scalars = Array(text.unicodeScalars)
        let end = end ?? Int64(scalars.count)
        guard start >= 0, start <= scalars.count else { throw outside(start, scalars.count) }
        guard end >= start, end <= scalars.count else { throw outside(end, scalars.count) }
        return string(scalars[Int(start)..<Int(end)])
    }

    private static func indexOf(
        _ part: String, _ text: String, _ start: Int64, _ cost: inout CELCost
    ) throws(Fault) -> Int64 {
        let scalars = Array(text.unicodeScalars)
        guard start >= 0, start <= scalars.count else { throw outside(start, scalars.count) }
        let found = try Search.first(Array(part.unicodeScalars), in: scalars, from: Int(start), &cost)
        return Int64(found ?? -1)
    }

    private static func lastIndexOf(
        _ part: String, _ text: String, _ start: Int64?, _ cost: inout CELCost
    ) throws(Fault) -> Int64 {
        let scalars = Array(text.unicodeScalars)
        if let start, start < 0 || start > scalars.count { throw outside(start, scalars.count) }
        let latest = start.map { Int($0) } ?? scalars.count
        return Int64(try Search.last(Array(part.unicodeScalars), in: scalars, upTo: latest, &cost) ?? -1)
    }

    private static func outside(_ position: Int64, _ count: Int) -> Fault {
        Fault(.invalidArgument, "position \(position) lies outside a text of \(count) characters")
    }

    private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    private static func mapped(_ text: String, _ change: (UInt8) -> UInt8) -> String {
        String(decoding: text.utf8.map(change), as: UTF8.self)
    }

    /// White space by the Unicode property.
    private static func trimmed(_ text: String) -> String {
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return String(scalars)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\u{07}": result += "\\a"
            case "\u{08}": result += "\\b"
            case "\u{0C}": result += "\\f"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0B}": result += "\\v"
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
