import Engine
import EventSourcing
import JSON

extension EventReader {
    /// One event in the JSON format of CloudEvents 1.0.
    func cloudEvent(_ view: JSONView, at pointer: String = "") throws(HTTPProblem) -> IncomingEvent {
        guard view.kind == .object else {
            throw HTTPProblem(RequestFault(.pointer(pointer), "an event has to be a JSON object"))
        }
        let body = BodyReader(view, at: pointer)
        var attributes = CloudEventAttributes()
        var data: JSONView?
        var encoded: JSONView?
        for (name, value) in view.members {
            switch name {
            case "data": data = value
            case "data_base64": encoded = value.isNull ? nil : value
            default:
                // Null says that the attribute is not there (JSON format section 2.2).
                if !value.isNull { try attributes.take(name, value.value, at: .pointer(body.place(name))) }
            }
        }
        if let encoded {
            // A null in one of the two is absence (section 3.1).
            guard data == nil || data?.isNull == true else {
                throw body.fault("data_base64", "'data' and 'data_base64' exclude each other")
            }
            guard let text = encoded.stringValue, Base64.decode(text.utf8) != nil else {
                throw body.fault("data_base64", "'data_base64' has to be a string of base64")
            }
            data = JSONView(["data_base64": .string(text)])
        }
        let event = try attributes.event(data: data ?? .null) { .pointer(body.place($0)) }
        return IncomingEvent(tenant: tenant, event: event)
    }
}
