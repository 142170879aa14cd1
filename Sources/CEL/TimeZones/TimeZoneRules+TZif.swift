extension TimeZoneRules {
    /// Reads the content of a TZif file.
    ///
    /// Nil for bytes that are no such file or that contradict themselves, and for a file that counts leap seconds:
    /// times of events do not.
    public init?(tzif bytes: [UInt8]) {
        var reader = TZifReader(bytes: bytes)
        guard let rules = reader.rules() else { return nil }
        self = rules
    }
}

/// Every length is checked before it is believed, so that no bytes, however hostile, read beyond the end or make it
/// reserve more than they are themselves.
private struct TZifReader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private struct Header {
        var version: UInt8
        var utIndicators: Int
        var standardIndicators: Int
        var leapSeconds: Int
        var times: Int
        var types: Int
        var letters: Int

        /// Bytes behind the header (RFC 9636, section 3.2).
        func size(ofTime width: Int) -> Int {
            times * width + times + types * 6 + letters + leapSeconds * (width + 4) + standardIndicators + utIndicators
        }
    }

    mutating func rules() -> TimeZoneRules? {
        guard let short = header() else { return nil }
        if short.version == 0 { return block(short, width: 4, footer: nil) }
        // The first block is for readers of 32 bits; the second says the same and more.
        guard skip(short.size(ofTime: 4)), let long = header(), long.version == short.version else { return nil }
        let start = position
        guard skip(long.size(ofTime: 8)), let footer = footer() else { return nil }
        position = start
        return block(long, width: 8, footer: footer)
    }

    private mutating func block(_ header: Header, width: Int, footer: String?) -> TimeZoneRules? {
        guard header.types > 0, header.leapSeconds == 0, bytes.count - position >= header.size(ofTime: width) else {
            return nil
        }
        var transitions: [Int64] = []
        for _ in 0..<header.times {
            let time = width == 8 ? Int64(truncatingIfNeeded: number(8)) : Int64(Int32(truncatingIfNeeded: number(4)))
            if let last = transitions.last, time <= last { return nil }
            transitions.append(time)
        }
        var types: [Int] = []
        for _ in 0..<header.times {
            let type = Int(number(1))
            guard type < header.types else { return nil }
            types.append(type)
        }
        var known: [Int32] = []
        for _ in 0..<header.types {
            let offset = Int32(truncatingIfNeeded: number(4))
            position += 2
            // A day and an hour each way is more than any place on Earth needs.
            guard offset.magnitude <= 25 * 3600 else { return nil }
            known.append(offset)
        }
        var rule: TimeZoneRule?
        if let footer, !footer.isEmpty {
            guard let read = TimeZoneRule(footer) else { return nil }
            rule = read
        }
        return TimeZoneRules(
            transitions: transitions, offsets: types.map { known[$0] }, first: known[0], rule: rule)
    }

    private mutating func header() -> Header? {
        guard bytes.count - position >= 44, bytes[position..<position + 4].elementsEqual("TZif".utf8) else {
            return nil
        }
        let version = bytes[position + 4]
        position += 20
        return Header(
            version: version, utIndicators: count(), standardIndicators: count(), leapSeconds: count(),
            times: count(), types: count(), letters: count())
    }

    private mutating func count() -> Int { Int(number(4)) }

    /// Big-endian; the caller has made sure that the bytes are there.
    private mutating func number(_ width: Int) -> UInt64 {
        var value: UInt64 = 0
        for byte in bytes[position..<position + width] { value = value << 8 | UInt64(byte) }
        position += width
        return value
    }

    private mutating func skip(_ count: Int) -> Bool {
        guard bytes.count - position >= count else { return false }
        position += count
        return true
    }

    /// A line between two line feeds, of visible ASCII.
    private mutating func footer() -> String? {
        guard position < bytes.count, bytes[position] == 0x0A else { return nil }
        let rest = bytes[(position + 1)...]
        guard let end = rest.firstIndex(of: 0x0A), rest[..<end].allSatisfy({ (0x20..<0x7F).contains($0) }) else {
            return nil
        }
        return String(decoding: rest[..<end], as: UTF8.self)
    }
}
