extension JSONView: Equatable {
    /// Equality of JSON values: members in any order, numbers by their digits as written,
    /// strings by their decoded text. White space does not count.
    public static func == (left: JSONView, right: JSONView) -> Bool {
        if left.storage === right.storage, left.entry == right.entry { return true }
        let kind = left.kind
        guard kind == right.kind else { return false }
        switch kind {
        case .null: return true
        case .bool: return left.boolValue == right.boolValue
        case .number:
            guard left.rawByteCount == right.rawByteCount else { return false }
            return left.withRawBytes { left in right.withRawBytes { right in left.elementsEqual(right) } }
        case .string: return sameText(left.storage, left.entry, right.storage, right.entry)
        case .array: return left.count == right.count && zip(left.elements, right.elements).allSatisfy { $0 == $1 }
        case .object: return left.count == right.count && sameMembers(left, right)
        }
    }

    private static func sameText(_ left: JSONStorage, _ leftEntry: Int, _ right: JSONStorage, _ rightEntry: Int) -> Bool
    {
        left.withIndex { leftBytes, leftWords in
            right.withIndex { rightBytes, rightWords in
                JSONText.equal(
                    leftBytes, JSONNames.range(leftWords, leftEntry), JSONNames.isEscaped(leftWords, leftEntry),
                    rightBytes, JSONNames.range(rightWords, rightEntry), JSONNames.isEscaped(rightWords, rightEntry))
            }
        }
    }

    /// Both objects have as many members. The member at the same place is tried first, the others only then.
    private static func sameMembers(_ left: JSONView, _ right: JSONView) -> Bool {
        var table: JSONNameTable?
        var leftName = left.entry + 4
        var rightName = right.entry + 4
        let leftEnd = left.nextEntry
        let rightFirst = rightName
        while leftName < leftEnd {
            var found = rightName
            if !sameText(left.storage, leftName, right.storage, rightName) {
                if table == nil, right.count > JSONNames.comparedDirectly {
                    table = right.storage.withIndex {
                        JSONNameTable($1, firstName: rightFirst, count: right.count, $0)
                    }
                }
                guard let other = right.findName(left.storage, leftName, table) else { return false }
                found = other
            }
            let leftValue = JSONView(storage: left.storage, entry: leftName + 2)
            guard leftValue == JSONView(storage: right.storage, entry: found + 2) else { return false }
            leftName = leftValue.nextEntry
            rightName = right.storage.next(rightName + 2)
        }
        return true
    }

    private func findName(_ other: JSONStorage, _ otherName: Int, _ table: JSONNameTable?) -> Int? {
        other.withIndex { otherBytes, otherWords in
            storage.withIndex { bytes, words in
                let range = JSONNames.range(otherWords, otherName)
                let escaped = JSONNames.isEscaped(otherWords, otherName)
                if let table { return table.find(otherBytes, range, escaped: escaped, in: words, bytes) }
                var name = entry + 4
                for _ in 0..<count {
                    let isFound = JSONText.equal(
                        bytes, JSONNames.range(words, name), JSONNames.isEscaped(words, name), otherBytes, range,
                        escaped)
                    if isFound { return name }
                    name = JSONNames.following(words, name)
                }
                return nil
            }
        }
    }
}

extension JSONStorage {
    @inline(__always)
    func withIndex<R>(_ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt32>) -> R) -> R {
        bytes.withUnsafeBufferPointer { bytes in index.withUnsafeBufferPointer { words in body(bytes, words) } }
    }
}
