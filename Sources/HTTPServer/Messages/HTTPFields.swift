/// The header fields of one message, in the order received.
///
/// Names compare without regard to case (RFC 9110 section 5.1). The fields stay the bytes that were received; a
/// `String` is made only when a value is asked for.
///
/// A value that is valid UTF-8 is read as UTF-8; any other value is read as Latin-1, one scalar per byte, so that no
/// byte is lost or replaced.
public struct HTTPFields: Sendable {
    struct Entry: Sendable {
        var nameStart: UInt32 = 0
        var nameEnd: UInt32 = 0
        var valueStart: UInt32 = 0
        var valueEnd: UInt32 = 0
    }

    var storage: [UInt8]
    var entries: [Entry]

    public init() {
        storage = []
        entries = []
    }

    public init(_ fields: [(String, String)]) {
        self.init()
        for (name, value) in fields { append(name, value) }
    }

    /// `entries` are offsets into `storage`.
    init(storage: [UInt8], entries: [Entry]) {
        self.storage = storage
        self.entries = entries
    }

    /// What the fields take in memory.
    var byteCount: Int { storage.count + entries.count * MemoryLayout<Entry>.stride }

    /// Number of field lines; a repeated field counts each time.
    public var count: Int { entries.count }

    /// The first value of the field, without the white space around it; nil if the field is absent.
    public subscript(name: String) -> String? {
        guard let index = firstIndex(of: name) else { return nil }
        return value(at: index)
    }

    /// All values of the field in the order received, not split at commas.
    public func values(for name: String) -> [String] {
        var found: [String] = []
        for index in entries.indices where matches(index, name) { found.append(value(at: index)) }
        return found
    }

    public func contains(_ name: String) -> Bool { firstIndex(of: name) != nil }

    /// Every field line in order, names as they were sent.
    public var all: [(name: String, value: String)] {
        entries.indices.map { (name(at: $0), value(at: $0)) }
    }

    /// Adds a field line at the end. For building requests in tests: nothing is checked.
    public mutating func append(_ name: String, _ value: String) {
        var entry = Entry()
        entry.nameStart = UInt32(storage.count)
        storage.append(contentsOf: name.utf8)
        entry.nameEnd = UInt32(storage.count)
        entry.valueStart = entry.nameEnd
        storage.append(contentsOf: value.utf8)
        entry.valueEnd = UInt32(storage.count)
        entries.append(entry)
    }

    func firstIndex(of name: String) -> Int? {
        for index in entries.indices where matches(index, name) { return index }
        return nil
    }

    private func matches(_ index: Int, _ name: String) -> Bool {
        let entry = entries[index]
        let wanted = name.utf8
        guard Int(entry.nameEnd - entry.nameStart) == wanted.count else { return false }
        var position = Int(entry.nameStart)
        for byte in wanted {
            guard ASCII.lowercase(storage[position]) == ASCII.lowercase(byte) else { return false }
            position += 1
        }
        return true
    }

    func name(at index: Int) -> String {
        let entry = entries[index]
        return String(decoding: storage[Int(entry.nameStart)..<Int(entry.nameEnd)], as: UTF8.self)
    }

    func value(at index: Int) -> String {
        let entry = entries[index]
        let bytes = storage[Int(entry.valueStart)..<Int(entry.valueEnd)]
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        var text = String()
        for byte in bytes { text.unicodeScalars.append(Unicode.Scalar(byte)) }
        return text
    }
}
