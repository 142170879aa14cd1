import Engine
import HTTPServer
import JSON

/// A hash of what makes a request this request: who sends it, method, path, and the JSON value of its body (FNV-1a, 64
/// bits).
enum Fingerprint {
    static func of(_ request: HTTPRequest, by caller: Caller) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for text in [caller.name ?? "", request.method] + request.path {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            // No byte of a text: where one ends is part of it.
            hash = (hash ^ 0xFF) &* 0x100_0000_01b3
        }
        if let body = try? JSONDocument.parse(request.body).root { return body.contentHash(seed: hash) }
        for byte in request.body { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }
}

/// An answer as it is kept for repeats: a line of JSON with status and fields, then the body.
enum RememberedResponse {
    /// Longer ones are made anew.
    private static let limit = 65_536
    private static let kept: Set<String> = ["Content-Type", "Cache-Control", "Location", "ETag"]

    static func encode(_ response: HTTPResponse) -> [UInt8]? {
        guard response.body.count <= limit else { return nil }
        var writer = JSONWriter(reserving: response.body.count + 256)
        writer.beginArray()
        writer.value(Int64(response.status))
        for (name, value) in response.fields where kept.contains(name) {
            writer.value(name)
            writer.value(value)
        }
        writer.endArray()
        return writer.finish() + [UInt8(ascii: "\n")] + response.body
    }

    static func decode(_ bytes: [UInt8]) -> HTTPResponse? {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
            let head = try? Array(JSONDocument.parse(Array(bytes[..<end])).root.elements),
            let status = head.first?.int64Value
        else { return nil }
        let texts = head.dropFirst().compactMap(\.stringValue)
        var fields = stride(from: 0, to: texts.count - 1, by: 2).map { (texts[$0], texts[$0 + 1]) }
        fields.append(("Idempotency-Replayed", "true"))
        return HTTPResponse(status: Int(status), fields: fields, body: Array(bytes[(end + 1)...]))
    }
}

extension EngineRequest {
    /// Whether an `Idempotency-Key` names it in the table of requests. Events have ids instead, claims a claim id; the
    /// clock is for tests.
    var canBeNamed: Bool {
        switch self {
        case .outcomes, .heartbeat, .recordStep, .release, .operate, .migrate, .deleteVersion, .deleteProcess,
            .redeliver, .discard, .storeDefinition, .subscriptions, .keys:
            true
        case .audited(let request, _): request.canBeNamed
        case .webhook(let request): request.action.canBeNamed
        default: false
        }
    }

    /// Whether the answer of a repeat is made anew: it is the process as it is then.
    var isAnsweredAnew: Bool { if case .operate = self { true } else { false } }
}

extension WebhookRequest.Action {
    /// What shows a secret is known again by the engine, so that no answer with one is kept.
    fileprivate var canBeNamed: Bool {
        switch self {
        case .create, .rotate: false
        case .change, .delete, .pause, .resume, .test, .redeliver, .redeliverFailed: true
        }
    }
}
