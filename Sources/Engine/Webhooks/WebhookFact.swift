import Chrono
import EventSourcing
import JSON
import ProcessManagement

/// What is recorded in an endpoint's own stream, for operators to see who did what and when. No secrets.
enum WebhookFact {
    case registered(WebhookConfiguration)
    case changed(WebhookConfiguration)
    case paused
    case resumed
    case secretRotated(previousExpiresAt: Instant)
    case disabled(WebhookDisabledReason)
    case enabled
    case deleted

    var type: String {
        switch self {
        case .registered: "WebhookRegistered"
        case .changed: "WebhookChanged"
        case .paused: "WebhookPaused"
        case .resumed: "WebhookResumed"
        case .secretRotated: "WebhookSecretRotated"
        case .disabled: "WebhookDisabled"
        case .enabled: "WebhookEnabled"
        case .deleted: "WebhookDeleted"
        }
    }

    func encoded(for id: WebhookID, by: String?) -> JSONView {
        var writer = JSONWriter(reserving: 256, indexed: true)
        writer.beginObject()
        writer.member("webhook_id", id)
        switch self {
        case .registered(let configuration), .changed(let configuration): configuration.write(to: &writer)
        case .secretRotated(let expiresAt): writer.member("previous_expires_at", expiresAt.rfc3339)
        case .disabled(let reason): writer.member("reason", reason.rawValue)
        case .paused, .resumed, .enabled, .deleted: break
        }
        if let by { writer.member("by", by) }
        writer.endObject()
        return writer.document.root
    }
}

extension StreamID {
    /// What became of an endpoint.
    public static func webhook(_ id: WebhookID) -> StreamID { StreamID(category: webhookCategory, id: id) }
}

extension WebhookConfiguration {
    /// As it is stored and shown: its members inside an object that the caller opens and closes.
    public func write(to writer: inout JSONWriter) {
        writer.member("url", url)
        writer.list("commands", commands)
        writer.list("task_types", taskTypes)
        if !definitions.isEmpty { writer.list("definitions", definitions) }
        if !headerNames.isEmpty { writer.list("header_names", headerNames) }
        writer.member("max_in_flight", maxInFlight)
        if let ratePerSecond { writer.member("rate_per_second", ratePerSecond) }
        writer.member("timeout", timeout.text)
        writer.member("ordered", ordered)
        if let description { writer.member("description", description) }
    }

    /// What a store keeps.
    public var encoded: JSONView {
        var writer = JSONWriter(reserving: 256, indexed: true)
        writer.beginObject()
        write(to: &writer)
        writer.endObject()
        return writer.document.root
    }

    /// Nil for anything that `encoded` did not write.
    public init?(decoding view: JSONView) {
        guard let url = view["url"]?.stringValue, let commands = view["commands"]?.texts,
            let taskTypes = view["task_types"]?.texts, let maxInFlight = view["max_in_flight"]?.int64Value,
            let timeout = view["timeout"]?.stringValue.flatMap({ TimeSpan($0) }),
            let ordered = view["ordered"]?.boolValue
        else { return nil }
        self.init(
            url: url, commands: commands, taskTypes: taskTypes, definitions: view["definitions"]?.texts ?? [],
            headerNames: view["header_names"]?.texts ?? [], maxInFlight: Int(maxInFlight),
            ratePerSecond: view["rate_per_second"]?.int64Value.map(Int.init), timeout: timeout, ordered: ordered,
            description: view["description"]?.stringValue)
    }
}

extension JSONView {
    fileprivate var texts: [String]? {
        kind == .array ? elements.compactMap(\.stringValue) : nil
    }
}

extension JSONWriter {
    fileprivate mutating func list(_ name: StaticString, _ texts: [String]) {
        self.name(name)
        beginArray()
        for text in texts { value(text) }
        endArray()
    }
}
