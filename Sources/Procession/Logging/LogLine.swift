import Chrono
import HTTPServer
import JSON

/// One line of the log before it is written down.
enum LogLine: Sendable {
    case event(at: Instant, ServiceLog.Level, String, [(name: String, value: String)])
    case request(at: Instant, HTTPExchange)

    func write(as format: ServiceLog.Format, to bytes: inout [UInt8]) {
        switch format {
        case .text: bytes += Array(text.utf8)
        case .json: bytes += json
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private static let requestMessage = "request"

    private var text: String {
        switch self {
        case .event(let time, let level, let message, let fields):
            var line = "\(time.rfc3339) \(level.rawValue) \(message)"
            for (name, value) in fields { line += " \(name)=\(Self.quoted(value))" }
            return line
        case .request(let time, let exchange):
            return """
                \(time.rfc3339) info \(Self.requestMessage) method=\(Self.quoted(exchange.method)) \
                path=\(Self.quoted(exchange.path)) status=\(exchange.status) duration_us=\(exchange.microseconds) \
                bytes=\(exchange.contentBytes) request_id=\(Self.quoted(exchange.requestID)) \
                remote=\(exchange.remoteAddress)
                """
        }
    }

    /// A value with a blank, a quote, an equals sign or a control character becomes a JSON string, so that neither a line
    /// nor a field can be forged.
    private static func quoted(_ value: String) -> String {
        let isPlain = value.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F && $0 != "\"" && $0 != "=" }
        return isPlain && !value.isEmpty ? value : JSONValue.string(value).text
    }

    private var json: [UInt8] {
        var writer = JSONWriter(reserving: 256)
        writer.beginObject()
        switch self {
        case .event(let time, let level, let message, let fields):
            writer.member("time", time.rfc3339)
            writer.member("level", level.rawValue)
            writer.member("message", message)
            for (name, value) in fields {
                writer.name(name)
                writer.value(JSONValue.string(value))
            }
        case .request(let time, let exchange):
            writer.member("time", time.rfc3339)
            writer.member("level", ServiceLog.Level.info.rawValue)
            writer.member("message", Self.requestMessage)
            writer.member("method", exchange.method)
            writer.member("path", exchange.path)
            writer.member("status", exchange.status)
            writer.member("duration_us", exchange.microseconds)
            writer.member("bytes", exchange.contentBytes)
            writer.member("request_id", exchange.requestID)
            writer.member("remote", exchange.remoteAddress)
        }
        writer.endObject()
        return writer.finish()
    }
}
