import Chrono
import Engine
import JSON

/// Reads what an endpoint is to be.
struct WebhookBody {
    let body: BodyReader
    /// Why an address is refused; nil for a good one.
    let checkURL: @Sendable (String) -> String?

    static let members: Set<String> = [
        "url", "commands", "task_types", "definitions", "headers", "max_in_flight", "rate_per_second", "timeout",
        "ordered", "description",
    ]

    private static let inFlight: ClosedRange<Int64> = 1...100
    private static let rate: ClosedRange<Int64> = 1...10_000
    private static let timeouts: ClosedRange<TimeSpan> = .seconds(1)...(.minutes(5))

    /// For `POST`: what is not given has its default.
    func configuration() throws(HTTPProblem) -> (WebhookConfiguration, headers: [WebhookHeader]) {
        try body.allow(Self.members)
        guard let url = try url() else { throw body.fault("url", "'url' is required, an http or https URL") }
        var configuration = WebhookConfiguration(url: url)
        configuration.commands = try commands() ?? []
        configuration.taskTypes = try names("task_types") ?? []
        guard !configuration.commands.isEmpty || !configuration.taskTypes.isEmpty else {
            throw body.fault("commands", "name at least one of 'commands' or 'task_types'")
        }
        configuration.definitions = try names("definitions") ?? []
        configuration.maxInFlight = try integer("max_in_flight", in: Self.inFlight) ?? configuration.maxInFlight
        configuration.ratePerSecond = try integer("rate_per_second", in: Self.rate)
        configuration.timeout = try timeout() ?? configuration.timeout
        configuration.ordered = try body.bool("ordered") ?? false
        configuration.description = try description()
        return (configuration, try headers() ?? [])
    }

    /// For `PATCH`: what is not given stays; null takes away what may be absent.
    func change() throws(HTTPProblem) -> WebhookChange {
        try body.allow(Self.members)
        for name in ["url", "commands", "task_types", "max_in_flight", "timeout", "ordered"] where isNull(name) {
            throw body.fault(name, "'\(name)' cannot be taken away")
        }
        var change = WebhookChange()
        change.url = try url()
        change.commands = try commands()
        change.taskTypes = try names("task_types")
        change.definitions = isNull("definitions") ? [] : try names("definitions")
        change.headers = isNull("headers") ? [] : try headers()
        change.maxInFlight = try integer("max_in_flight", in: Self.inFlight)
        change.timeout = try timeout()
        change.ordered = try body.bool("ordered")
        if let rate = try integer("rate_per_second", in: Self.rate) {
            change.ratePerSecond = .some(rate)
        } else if isNull("rate_per_second") {
            change.ratePerSecond = .some(nil)
        }
        if let description = try description() {
            change.description = .some(description)
        } else if isNull("description") {
            change.description = .some(nil)
        }
        return change
    }

    private func isNull(_ name: String) -> Bool { body.view[name]?.isNull ?? false }

    private func url() throws(HTTPProblem) -> String? {
        guard let url = try body.identifier("url", limit: 2048) else { return nil }
        if let complaint = checkURL(url) { throw body.fault("url", complaint) }
        return url
    }

    private func names(_ name: String) throws(HTTPProblem) -> [String]? {
        guard let list = body.optional(name) else { return nil }
        guard list.kind == .array, list.count <= 100 else {
            throw body.fault(name, "'\(name)' has to be a list of at most 100 names")
        }
        var names: [String] = []
        for (index, item) in list.elements.enumerated() {
            guard let text = item.stringValue, (1...255).contains(text.utf8.count),
                text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F })
            else {
                throw HTTPProblem(
                    RequestFault(
                        .pointer("\(body.place(name))/\(index)"),
                        "a name has to be 1 to 255 bytes without blanks and control characters"))
            }
            if !names.contains(where: { ExactText.sameBytes($0, text) }) { names.append(text) }
        }
        return names
    }

    /// What the service sends on its own is no command that could be asked for: an entry would never bring anything.
    private func commands() throws(HTTPProblem) -> [String]? {
        let names = try names("commands")
        for (index, name) in (names ?? []).enumerated() {
            let detail: String
            switch name {
            case DeliveryRow.cancelTaskType:
                detail = "'\(name)' goes to the endpoint that holds the task, without an entry: register 'task_types'"
            case DeliveryRow.testType:
                detail = "'\(name)' is sent by POST /webhooks/{webhook_id}/test, without an entry"
            default: continue
            }
            throw HTTPProblem(
                .commandReserved, detail,
                faults: [RequestFault(.pointer("\(body.place("commands"))/\(index)"), detail)])
        }
        return names
    }

    private func integer(_ name: String, in range: ClosedRange<Int64>) throws(HTTPProblem) -> Int? {
        try body.integer(name, in: range).map { Int($0) }
    }

    private func timeout() throws(HTTPProblem) -> TimeSpan? {
        guard let span = try body.timeSpan("timeout") else { return nil }
        guard Self.timeouts.contains(span) else {
            throw body.fault("timeout", "'timeout' has to be from 1s to 5m")
        }
        return span
    }

    private func description() throws(HTTPProblem) -> String? {
        guard let text = try body.optionalString("description") else { return nil }
        guard text.utf8.count <= 1000 else { throw body.fault("description", "'description' is at most 1000 bytes") }
        return text
    }

    private func headers() throws(HTTPProblem) -> [WebhookHeader]? {
        guard let object = body.optional("headers") else { return nil }
        guard object.kind == .object, object.count <= 20 else {
            throw body.fault("headers", "'headers' has to be an object of at most 20 fields")
        }
        let reader = BodyReader(object, at: body.place("headers"))
        var headers: [WebhookHeader] = []
        for (name, value) in object.members {
            if let complaint = WebhookHeaderRules.complaint(name: name, value: value.stringValue) {
                throw reader.fault(name, complaint)
            }
            guard !headers.contains(where: { $0.name.lowercased() == name.lowercased() }) else {
                throw reader.fault(name, "'\(name)' is given twice")
            }
            headers.append(WebhookHeader(name: name, value: value.stringValue ?? ""))
        }
        return headers
    }
}
