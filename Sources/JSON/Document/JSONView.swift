/// One value inside a document, decoded only as far as it is read. A copy costs one retain and keeps
/// the whole document alive; see `detached()`.
public struct JSONView: Sendable {
    public enum Kind: Sendable, Hashable { case null, bool, number, string, array, object }

    let storage: JSONStorage
    let entry: Int

    init(storage: JSONStorage, entry: Int) {
        self.storage = storage
        self.entry = entry
    }

    /// A document of its own with this value as its root.
    public init(_ value: JSONValue) { self = JSONDocument(value).root }

    public static let null = JSONView(.null)

    public static func string(_ text: String) -> JSONView { JSONView(.string(text)) }

    public var kind: Kind {
        switch storage.bytes[start] {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"): .null
        default: .number
        }
    }

    public var isNull: Bool { storage.bytes[start] == UInt8(ascii: "n") }

    public var boolValue: Bool? {
        switch storage.bytes[start] {
        case UInt8(ascii: "t"): true
        case UInt8(ascii: "f"): false
        default: nil
        }
    }

    public var stringValue: String? {
        guard storage.bytes[start] == UInt8(ascii: "\"") else { return nil }
        return storage.string(at: entry)
    }

    /// The digits exactly as received.
    public var numberText: String? {
        kind == .number ? withRawBytes { String(decoding: $0, as: UTF8.self) } : nil
    }

    public var numberValue: JSONNumber? { numberText.map(JSONNumber.init(validated:)) }

    /// An integer literal that fits; `2.0` and `2e0` are none.
    public var int64Value: Int64? {
        guard kind == .number else { return nil }
        return withRawBytes { digits in
            let isNegative = digits[0] == UInt8(ascii: "-")
            var value: Int64 = 0
            for digit in digits.dropFirst(isNegative ? 1 : 0) {
                guard JSONScanner.isDigit(digit) else { return nil }
                let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
                let step = Int64(digit - UInt8(ascii: "0"))
                // Summed on the negative side, where the minimum has room.
                let (sum, beyond) = product.subtractingReportingOverflow(step)
                if tooLarge || beyond { return nil }
                value = sum
            }
            if isNegative { return value }
            return value == .min ? nil : -value
        }
    }

    /// The nearest double of any number; nil where it would be infinite (`1e400`).
    public var doubleValue: Double? { numberValue?.double }

    /// The elements of an array or the members of an object, else 0.
    public var count: Int { isContainer ? Int(storage.index[entry + 3]) : 0 }

    /// The bytes this value has in the document.
    public var rawByteCount: Int { end - start }

    /// The bytes of this value exactly as received.
    public func withRawBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        storage.bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[start..<end])) }
    }

    /// The bytes of this value exactly as received.
    public var rawBytes: [UInt8] { Array(storage.bytes[start..<end]) }

    /// The JSON text of this value exactly as received.
    public var text: String { withRawBytes { String(decoding: $0, as: UTF8.self) } }

    /// The same value as received in a document of its own, so that it does not keep a large body alive.
    public func detached() -> JSONView {
        if rawByteCount == storage.bytes.count { return self }
        let shift = UInt32(start)
        var index = Array(storage.index[entry..<nextEntry])
        var position = 0
        while position < index.count {
            let isContainer = index[position] & JSONIndex.containerFlag != 0
            index[position] -= shift
            index[position + 1] -= shift
            if isContainer { index[position + 2] -= UInt32(entry) }
            position += Int(isContainer ? JSONIndex.containerWords : JSONIndex.scalarWords)
        }
        return JSONView(storage: JSONStorage(bytes: rawBytes, index: index), entry: 0)
    }

    /// The value as a tree.
    public var value: JSONValue {
        switch kind {
        case .null: .null
        case .bool: .bool(boolValue ?? false)
        case .number: .number(JSONNumber(validated: text))
        case .string: .string(storage.string(at: entry))
        case .array: .array(elements.map(\.value))
        case .object: .object(JSONObject(validated: members.map { ($0.name, $0.value.value) }))
        }
    }
}

extension JSONView {
    @inline(__always)
    var start: Int { Int(storage.index[entry] & JSONIndex.offsetMask) }

    @inline(__always)
    var end: Int { Int(storage.index[entry + 1]) }

    @inline(__always)
    var isContainer: Bool { storage.index[entry] & JSONIndex.containerFlag != 0 }

    /// The entry behind this value.
    @inline(__always)
    var nextEntry: Int { storage.next(entry) }
}

extension JSONStorage {
    @inline(__always)
    func next(_ entry: Int) -> Int {
        index[entry] & JSONIndex.containerFlag != 0 ? Int(index[entry + 2]) : entry + Int(JSONIndex.scalarWords)
    }

    /// The text of the string or name at an entry.
    func string(at entry: Int) -> String {
        let start = Int(index[entry] & JSONIndex.offsetMask) + 1
        let end = Int(index[entry + 1]) - 1
        return bytes.withUnsafeBufferPointer {
            JSONText.decode($0, start..<end, escaped: index[entry] & JSONIndex.escapedFlag != 0)
        }
    }
}
