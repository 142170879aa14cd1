import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON

/// Reads events as they are posted: plain JSON here, CloudEvents 1.0 in its extensions.
struct EventReader {
    let tenant: String
    /// The id of an event that names none.
    let makeID: () -> String

    private static let plainMembers: Set<String> = [
        "type", "data", "id", "source", "time", "correlation_id", "causation_id", "traceparent",
    ]

    func plain(_ view: JSONView, at pointer: String = "") throws(HTTPProblem) -> IncomingEvent {
        guard view.kind == .object else {
            throw HTTPProblem(RequestFault(.pointer(pointer), "an event has to be a JSON object"))
        }
        let body = BodyReader(view, at: pointer)
        try body.allow(Self.plainMembers)
        guard let type = try body.identifier("type") else { throw body.fault("type", "'type' is required, a string") }
        if let time = try body.optionalString("time"), Instant(rfc3339: time) == nil {
            throw body.fault("time", "'time' has to be an RFC 3339 time")
        }
        return IncomingEvent(
            tenant: tenant,
            event: Event(
                id: EventID(try body.identifier("id", limit: 1024) ?? makeID()), type: type,
                source: try body.identifier("source", limit: 1024) ?? "", time: try body.optionalString("time"),
                data: view["data"] ?? .null, correlationID: try body.identifier("correlation_id", limit: 1024),
                causationID: try body.identifier("causation_id", limit: 1024),
                traceparent: try body.optionalString("traceparent").flatMap(TraceContext.parent)))
    }
}
