/// Writes answers as HTTP/1.1 into a connection's output.
enum ResponseEncoder {
    /// How the end of the body is told.
    enum Framing {
        case length
        /// A stream to a 1.1 peer.
        case chunked
        /// A stream to a 1.0 peer: the connection's end is the body's end.
        case untilClose
    }

    struct Context {
        var isHead: Bool
        var closes: Bool
        var framing: Framing
    }

    static let continueLine: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"
    static let lastChunk: StaticString = "0\r\n\r\n"

    static func write(
        _ response: HTTPResponse, _ context: Context, date: [UInt8], to output: inout ByteBuffer
    ) {
        writeStatusLine(response.status, to: &output)
        output.append(date)
        for (name, value) in response.fields where !isOurs(name) { writeField(name, value, to: &output) }
        // A 405 must say what is allowed (RFC 9110 section 15.5.6); the server's own refusals know no route.
        if response.status == 405, response["Allow"] == nil {
            output.append("Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n")
        }
        // No length on 1xx and 204 (RFC 9110 section 8.6), none of a body that is not sent on 304.
        let hasNoContent = response.status < 200 || response.status == 204 || response.status == 304
        switch context.framing {
        case .length:
            if !hasNoContent {
                output.append("Content-Length: ")
                writeDecimal(response.body.count, to: &output)
                output.append("\r\n")
            }
        case .chunked:
            if !hasNoContent { output.append("Transfer-Encoding: chunked\r\n") }
        case .untilClose:
            break
        }
        output.append(context.closes ? "Connection: close\r\n\r\n" : "\r\n")
        guard !hasNoContent, !context.isHead, !response.body.isEmpty else { return }
        if case .chunked = context.framing {
            writeChunk(response.body, to: &output)
        } else {
            output.append(response.body)
        }
    }

    /// `bytes` must not be empty: an empty chunk would end the body.
    static func writeChunk(_ bytes: [UInt8], to output: inout ByteBuffer) {
        var digits: [UInt8] = []
        var rest = bytes.count
        while rest > 0 {
            let digit = UInt8(truncatingIfNeeded: rest & 15)
            digits.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
            rest >>= 4
        }
        digits.reverse()
        output.append(digits)
        output.append("\r\n")
        output.append(bytes)
        output.append("\r\n")
    }

    private static func writeStatusLine(_ status: Int, to output: inout ByteBuffer) {
        switch status {
        case 200: output.append("HTTP/1.1 200 OK\r\n")
        case 201: output.append("HTTP/1.1 201 Created\r\n")
        case 204: output.append("HTTP/1.1 204 No Content\r\n")
        default:
            output.append("HTTP/1.1 ")
            writeDecimal(status, to: &output)
            output.append(" ")
            output.append(reason(of: status))
            output.append("\r\n")
        }
    }

    private static func reason(of status: Int) -> StaticString {
        switch status {
        case 202: "Accepted"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: ""
        }
    }

    /// Fields about the connection and the framing, which only the server knows.
    private static func isOurs(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: ASCII.equalIgnoringCase(name, "date")
        case 10: ASCII.equalIgnoringCase(name, "connection")
        case 14: ASCII.equalIgnoringCase(name, "content-length")
        case 17: ASCII.equalIgnoringCase(name, "transfer-encoding")
        default: false
        }
    }

    private static func writeField(_ name: String, _ value: String, to output: inout ByteBuffer) {
        writeText(name, to: &output)
        output.append(": ")
        writeText(value, to: &output)
        output.append("\r\n")
    }

    /// Control bytes become spaces, so that no value can end its line (response splitting).
    private static func writeText(_ text: String, to output: inout ByteBuffer) {
        var text = text
        let count = text.utf8.count
        let target = output.reserve(count)
        text.withUTF8 { source in
            for position in 0..<source.count {
                let byte = source[position]
                target[position] = ASCII.isFieldContent(byte) ? byte : ASCII.space
            }
        }
        output.commit(count)
    }

    private static func writeDecimal(_ number: Int, to output: inout ByteBuffer) {
        var digits = 1
        var rest = number
        while rest > 9 {
            rest /= 10
            digits += 1
        }
        let target = output.reserve(digits)
        rest = number
        for index in stride(from: digits - 1, through: 0, by: -1) {
            target[index] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
            rest /= 10
        }
        output.commit(digits)
    }
}
