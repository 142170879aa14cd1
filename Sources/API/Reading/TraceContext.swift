import Engine
import EventSourcing
import HTTPServer
import JSON

/// The trace a request belongs to (W3C Trace Context). An invalid or repeated `traceparent` is as good as none, never a
/// reason to refuse anything (section 3.2).
struct TraceContext {
    let traceparent: String?
    /// What the systems on the way have added; only together with a trace (section 3.3).
    let tracestate: String?

    init(_ fields: HTTPFields) {
        let values = fields.values(for: "traceparent")
        traceparent = values.count == 1 ? values.first.flatMap(Self.parent) : nil
        // Several fields are one list (section 3.3.1).
        let state = fields.values(for: "tracestate").joined(separator: ",")
        tracestate = traceparent == nil ? nil : Self.state(state)
    }

    /// An event that brings no trace of its own belongs to that of the request.
    func carried(by incoming: IncomingEvent) -> IncomingEvent {
        guard let traceparent, incoming.event.traceparent == nil else { return incoming }
        var incoming = incoming
        incoming.event.traceparent = traceparent
        if let tracestate {
            var extensions = incoming.event.extensions?.value.objectValue ?? JSONObject()
            extensions["tracestate"] = .string(tracestate)
            incoming.event.extensions = JSONView(.object(extensions))
        }
        return incoming
    }

    /// As it is carried on: of a later version what version 00 knows, as version 00 (section 4.3: a version that is not
    /// known is not passed on; of its flags only the sampled one is known).
    static func parent(_ text: String) -> String? {
        guard isValid(text) else { return nil }
        guard !text.hasPrefix("00") else { return text }
        let isSampled = text.utf8.dropFirst(54).first.map { ($0 - ($0 < 0x3A ? 0x30 : 0x57)) & 1 == 1 } ?? false
        return "00" + text.dropFirst(2).prefix(50) + "-" + (isSampled ? "01" : "00")
    }

    /// Visible ASCII, at most the 512 bytes that have to be passed on (section 3.3.1.5); nil for anything else.
    static func state(_ text: String) -> String? {
        let isFit = text.utf8.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x09 }
        return !text.isEmpty && isFit && text.utf8.count <= 512 ? text : nil
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
