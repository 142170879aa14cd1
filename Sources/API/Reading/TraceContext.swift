import Engine
import EventSourcing
import HTTPServer

/// The trace a request belongs to (W3C Trace Context). An invalid or repeated `traceparent` is as good as none, never a
/// reason to refuse anything (section 3.2).
struct TraceContext {
    let traceparent: String?

    init(_ fields: HTTPFields) {
        let values = fields.values(for: "traceparent")
        traceparent = values.count == 1 ? values.first.flatMap { Self.isValid($0) ? $0 : nil } : nil
    }

    /// An event that brings no trace of its own belongs to that of the request.
    func carried(by incoming: IncomingEvent) -> IncomingEvent {
        guard let traceparent, incoming.event.traceparent == nil else { return incoming }
        var incoming = incoming
        incoming.event.traceparent = traceparent
        return incoming
    }

    /// Version 00 has exactly four fields in 55 characters; of later versions, what is known of 00 is checked and the
    /// rest stays behind a further dash (section 3.2.4).
    static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8.prefix(56))
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash else { return false }
        let (version, trace, parent, flags) = (bytes[0..<2], bytes[3..<35], bytes[36..<52], bytes[53..<55])
        guard [version, trace, parent, flags].allSatisfy({ $0.allSatisfy(isLowerHex) }) else { return false }
        guard trace.contains(where: { $0 != zero }), parent.contains(where: { $0 != zero }) else { return false }
        if version.elementsEqual([zero, zero]) { return text.utf8.count == 55 }
        return !version.elementsEqual(Array("ff".utf8)) && text.utf8.count <= longest
            && (bytes.count == 55 || bytes[55] == dash)
    }

    /// More than any version will need.
    private static let longest = 512
    private static let dash = UInt8(ascii: "-")
    private static let zero = UInt8(ascii: "0")

    private static func isLowerHex(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}
