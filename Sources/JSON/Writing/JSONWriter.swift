/// Appends compact JSON in UTF-8 to a buffer; it writes the commas and the escapes.
/// The caller opens and closes in pairs and names every member of an object.
public struct JSONWriter: Sendable {
    /// What is written so far.
    public private(set) var bytes: [UInt8]
    private var needsComma = false
    private var openContainers = 0
    /// Kept only for texts that are read back.
    private var index: JSONIndexRecorder?

    /// `indexed`: what is written is to be read as a `document`, which then costs nothing more.
    public init(reserving capacity: Int = 0, indexed: Bool = false) {
        bytes = []
        bytes.reserveCapacity(capacity)
        if indexed { index = JSONIndexRecorder(reserving: capacity / 4) }
    }

    /// The bytes of the finished text; everything that was begun has to be ended.
    public consuming func finish() -> [UInt8] {
        precondition(openContainers == 0, "every begun array and object has to be ended")
        return bytes
    }

    /// What is written as a document that can be read.
    public var document: JSONDocument {
        guard let index, openContainers == 0, !bytes.isEmpty, bytes.count <= JSONLimits.addressableBytes else {
            return JSONDocument(storage: JSONStorage(trusted: bytes))
        }
        return JSONDocument(storage: JSONStorage(bytes: bytes, index: index.finished))
    }

    /// Begins anew in the same memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
        openContainers = 0
        if index != nil { index = JSONIndexRecorder(reserving: 64) }
    }

    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// A name without characters that need an escape.
    public mutating func name(_ name: StaticString) {
        separate()
        let start = bytes.count
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        index?.name(start..<bytes.count, escaped: false)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func name(_ name: String) {
        separate()
        let start = bytes.count
        let isEscaped = appendQuoted(name)
        index?.name(start..<bytes.count, escaped: isEscaped)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func value(_ text: String) {
        separate()
        let start = bytes.count
        let isEscaped = appendQuoted(text)
        note(from: start, escaped: isEscaped)
    }

    /// A string whose UTF-8 needs no escape: the caller answers for that.
    public mutating func value(unescaped text: UnsafeBufferPointer<UInt8>) {
        separate()
        let start = bytes.count
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text)
        bytes.append(UInt8(ascii: "\""))
        note(from: start)
    }

    public mutating func value(_ number: Int) { integer(Int64(number)) }
    public mutating func value(_ number: Int64) { integer(number) }

    public mutating func value(_ number: UInt64) {
        separate()
        let start = bytes.count
        appendDigits(of: number)
        note(from: start)
    }

    public mutating func value(_ value: Bool) {
        separate()
        let start = bytes.count
        append(value ? "true" : "false")
        note(from: start)
    }

    public mutating func null() {
        separate()
        let start = bytes.count
        append("null")
        note(from: start)
    }

    public mutating func number(_ number: JSONNumber) {
        separate()
        let start = bytes.count
        bytes.append(contentsOf: number.text.utf8)
        note(from: start)
    }

    /// The text has to be a number of JSON.
    public mutating func number(_ text: String) {
        guard let number = JSONNumber(text) else { preconditionFailure("not a JSON number") }
        self.number(number)
    }

    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): self.value(value)
        case .number(let value): number(value)
        case .string(let value): self.value(value)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let object):
            beginObject()
            for member in object.members {
                name(member.name)
                self.value(member.value)
            }
            endObject()
        }
    }

    /// The bytes of the value as they were received.
    public mutating func value(_ view: JSONView) {
        separate()
        index?.copy(view, at: bytes.count)
        view.withRawBytes { bytes.append(contentsOf: $0) }
    }

    /// One complete JSON value that was written or validated before.
    public mutating func raw(_ json: [UInt8]) {
        if index != nil { return value(JSONDocument(storage: JSONStorage(trusted: json)).root) }
        separate()
        bytes.append(contentsOf: json)
    }
}

extension JSONWriter {
    private mutating func open(_ bracket: UInt8) {
        separate()
        index?.open(at: bytes.count, isArray: bracket == UInt8(ascii: "["))
        bytes.append(bracket)
        needsComma = false
        openContainers += 1
    }

    private mutating func close(_ bracket: UInt8) {
        precondition(openContainers > 0, "nothing is open")
        bytes.append(bracket)
        index?.close(at: bytes.count)
        needsComma = true
        openContainers -= 1
    }

    @inline(__always)
    private mutating func note(from start: Int, escaped: Bool = false) {
        index?.scalar(start..<bytes.count, escaped: escaped)
    }

    @inline(__always)
    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func append(_ word: StaticString) {
        word.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    private mutating func integer(_ number: Int64) {
        separate()
        let start = bytes.count
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        appendDigits(of: number.magnitude)
        note(from: start)
    }

    private mutating func appendDigits(of number: UInt64) {
        // 2^64 has 20 digits.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = number
            var first = 20
            repeat {
                first -= 1
                digits[first] = UInt8(truncatingIfNeeded: rest % 10) + UInt8(ascii: "0")
                rest /= 10
            } while rest > 0
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[first...]))
        }
    }

    private mutating func appendQuoted(_ text: String) -> Bool {
        if let isEscaped = text.utf8.withContiguousStorageIfAvailable({ appendQuoted($0) }) { return isEscaped }
        var text = text
        return text.withUTF8 { appendQuoted($0) }
    }

    /// RFC 8259 section 7: only the quote, the backslash and control characters need an escape.
    ///
    /// - Returns: whether there was one.
    private mutating func appendQuoted(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.append(UInt8(ascii: "\""))
        var isEscaped = false
        var start = 0
        var position = 0
        while true {
            position = JSONScanner.skipPlain(text, from: position)
            guard position < text.count else { break }
            let byte = text[position]
            position += 1
            if byte >= 0x80 { continue }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<position - 1]))
            appendEscape(byte)
            isEscaped = true
            start = position
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
        bytes.append(UInt8(ascii: "\""))
        return isEscaped
    }

    private mutating func appendEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x08: append("\\b")
        case 0x09: append("\\t")
        case 0x0A: append("\\n")
        case 0x0C: append("\\f")
        case 0x0D: append("\\r")
        default:
            append("\\u00")
            bytes.append(byte >> 4 + UInt8(ascii: "0"))
            let low = byte & 0xF
            bytes.append(low < 10 ? low + UInt8(ascii: "0") : low - 10 + UInt8(ascii: "a"))
        }
    }
}
