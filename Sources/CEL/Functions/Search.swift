/// Searching texts in time linear to them (Knuth, Morris, Pratt), so that no text makes a search slow.
enum Search {
    /// Where `part` first begins at or after `start`.
    static func first<Unit: Equatable>(
        _ part: [Unit], in text: [Unit], from start: Int, _ cost: inout CELCost
    ) throws(Fault) -> Int? {
        if part.isEmpty { return start <= text.count ? start : nil }
        guard text.count - start >= part.count else { return nil }
        try cost.pay(bytes: text.count + part.count)
        let failures = failures(part)
        var matched = 0
        for position in start..<text.count {
            while matched > 0, text[position] != part[matched] { matched = failures[matched - 1] }
            if text[position] == part[matched] { matched += 1 }
            if matched == part.count { return position - part.count + 1 }
        }
        return nil
    }

    /// Where `part` last begins at or before `latest`.
    static func last<Unit: Equatable>(
        _ part: [Unit], in text: [Unit], upTo latest: Int, _ cost: inout CELCost
    ) throws(Fault) -> Int? {
        if part.isEmpty { return min(latest, text.count) }
        let end = min(latest + part.count, text.count)
        guard end >= part.count else { return nil }
        let found = try first(part.reversed(), in: text[..<end].reversed(), from: 0, &cost)
        return found.map { end - $0 - part.count }
    }

    /// For each prefix of `part`, how long its longest proper prefix is that is a suffix too.
    private static func failures<Unit: Equatable>(_ part: [Unit]) -> [Int] {
        var failures = Array(repeating: 0, count: part.count)
        var matched = 0
        for position in 1..<max(1, part.count) {
            while matched > 0, part[position] != part[matched] { matched = failures[matched - 1] }
            if part[position] == part[matched] { matched += 1 }
            failures[position] = matched
        }
        return failures
    }

    /// The parts between separators; an empty one parts all characters. `limit` is how many parts at most, -1 all.
    static func split(
        _ text: String, _ separator: String, limit: Int64, _ cost: inout CELCost
    ) throws(Fault) -> [String] {
        if limit == 0 { return [] }
        if limit == 1 { return [text] }
        let most = limit < 0 ? Int.max : Int(limit)
        var parts: [String] = []
        if separator.isEmpty {
            var rest = text.unicodeScalars[...]
            while let scalar = rest.first {
                try cost.pay(1)
                if parts.count == most - 1 {
                    parts.append(String(rest))
                    break
                }
                parts.append(String(scalar))
                rest.removeFirst()
            }
            return parts
        }
        let bytes = Array(text.utf8)
        var start = 0
        for found in try all(Array(separator.utf8), in: bytes, most: most - 1, &cost) {
            parts.append(String(decoding: bytes[start..<found], as: UTF8.self))
            start = found + separator.utf8.count
        }
        parts.append(String(decoding: bytes[start...], as: UTF8.self))
        return parts
    }

    /// `limit` is how many are replaced at most, -1 all. An empty `old` stands before every character and at the end.
    static func replace(
        _ text: String, _ old: String, _ new: String, limit: Int64, _ cost: inout CELCost
    ) throws(Fault) -> String {
        if limit == 0 { return text }
        let most = limit < 0 ? Int.max : Int(limit)
        var result: [UInt8] = []
        if old.isEmpty {
            var count = 0
            for scalar in text.unicodeScalars {
                if count < most {
                    try cost.pay(1)
                    try cost.pay(bytes: new.utf8.count)
                    result += new.utf8
                    count += 1
                }
                result += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            }
            if count < most { result += new.utf8 }
            return String(decoding: result, as: UTF8.self)
        }
        let bytes = Array(text.utf8)
        var start = 0
        for found in try all(Array(old.utf8), in: bytes, most: most, &cost) {
            try cost.pay(bytes: new.utf8.count)
            result += bytes[start..<found]
            result += new.utf8
            start = found + old.utf8.count
        }
        result += bytes[start...]
        return String(decoding: result, as: UTF8.self)
    }

    /// Where `part` begins, without overlaps.
    private static func all(
        _ part: [UInt8], in text: [UInt8], most: Int, _ cost: inout CELCost
    ) throws(Fault) -> [Int] {
        try cost.pay(bytes: text.count + part.count)
        let failures = failures(part)
        var found: [Int] = []
        var matched = 0
        for position in text.indices {
            if found.count == most { break }
            while matched > 0, text[position] != part[matched] { matched = failures[matched - 1] }
            if text[position] == part[matched] { matched += 1 }
            if matched == part.count {
                try cost.pay(1)
                found.append(position - part.count + 1)
                matched = 0
            }
        }
        return found
    }
}
