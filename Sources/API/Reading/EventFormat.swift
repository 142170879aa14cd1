import HTTPServer

/// How the events of a request are written.
enum EventFormat {
    case plain
    case structured
    case batch
    case binary

    /// The content type alone decides on structured and batched mode (CloudEvents HTTP binding section 3).
    init(_ fields: HTTPFields) throws(HTTPProblem) {
        switch MediaType(fields["content-type"] ?? "").essence {
        case "application/cloudevents+json": self = .structured
        case "application/cloudevents-batch+json": self = .batch
        case let other where other.hasPrefix("application/cloudevents"): throw Self.unsupported(other)
        case _ where EventReader.isBinary(fields): self = .binary
        case "application/json": self = .plain
        case let other: throw Self.unsupported(other)
        }
    }

    private static func unsupported(_ type: String) -> HTTPProblem {
        HTTPProblem(
            .unsupportedMediaType,
            """
            send application/json, application/cloudevents+json, application/cloudevents-batch+json, or a CloudEvent \
            in binary mode with its ce- fields, not '\(type)'
            """)
    }
}
