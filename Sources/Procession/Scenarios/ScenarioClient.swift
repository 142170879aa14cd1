import API
import Engine
import HTTPServer
import JSON

/// How a scenario reaches a service.
public protocol ScenarioClient: AnyObject {
    /// One call; blocks until it is answered. `target` is path and query.
    func call(_ method: String, _ target: String, _ body: JSONValue?) throws -> (status: Int, body: JSONValue)
    /// The same with header fields beside those that every call has, and with answers that are no JSON as texts.
    func call(_ method: String, _ target: String, _ body: JSONValue?, headers: [(name: String, value: String)]) throws
        -> (status: Int, body: JSONValue)
    /// Stops the service and starts it again on the same store; false where that cannot be.
    func restart() throws -> Bool
    /// What `procession verify` finds.
    func verify() throws -> StoreVerifier.Report
}

/// A service in this very process, called without sockets.
public final class InProcessClient: ScenarioClient {
    private var service: ProcessionService
    private let configuration: ServiceConfiguration

    public init(_ configuration: ServiceConfiguration) throws(StartError) {
        self.configuration = configuration
        service = try ProcessionService(configuration, listens: false)
    }

    deinit {
        service.stop(graceSeconds: 0)
    }

    public func call(_ method: String, _ target: String, _ body: JSONValue?) -> (status: Int, body: JSONValue) {
        let (status, bytes) = send(method, target, body, [])
        return (status, Self.parsed(bytes) ?? .null)
    }

    public func call(
        _ method: String, _ target: String, _ body: JSONValue?, headers: [(name: String, value: String)]
    ) -> (status: Int, body: JSONValue) {
        let (status, bytes) = send(method, target, body, headers)
        if bytes.isEmpty { return (status, .null) }
        return (status, Self.parsed(bytes) ?? .string(String(decoding: bytes, as: UTF8.self)))
    }

    private static func parsed(_ bytes: [UInt8]) -> JSONValue? {
        try? JSONValue(parsing: bytes, limits: JSONLimits(maximumDepth: 512))
    }

    private func send(
        _ method: String, _ target: String, _ body: JSONValue?, _ headers: [(name: String, value: String)]
    ) -> (status: Int, body: [UInt8]) {
        let parts = target.split(separator: "?", maxSplits: 1)
        let path = parts[0].split(separator: "/").map { Self.decoded(String($0)) }
        let query = (parts.count < 2 ? "" : parts[1]).split(separator: "&").map {
            pair -> (name: String, value: String) in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                Self.decoded(String($0))
            }
            return (halves[0], halves.count > 1 ? halves[1] : "")
        }
        var fields = HTTPFields([("Host", "localhost")])
        for header in headers { fields.append(header.name, header.value) }
        if !fields.contains("Content-Type") { fields.append("Content-Type", "application/json") }
        let answers = Mailbox<HTTPResponse>(limit: 1)
        let responder = HTTPResponder { _ = answers.put($0) }
        service.api.handle(
            HTTPRequest(method: method, path: path, query: query, headers: fields, body: body?.bytes ?? []), responder)
        var taken: [HTTPResponse] = []
        _ = answers.takeAll(into: &taken, until: nil)
        return (taken.first?.status ?? 0, taken.first?.body ?? [])
    }

    public func restart() throws(StartError) -> Bool {
        guard case .sqlite = configuration.store else { return false }
        service.stop(graceSeconds: 0)
        // They are stored; storing them again would make new versions where there are several of one name.
        var again = configuration
        again.definitions = []
        service = try ProcessionService(again, listens: false)
        return true
    }

    public func verify() throws(StoreError) -> StoreVerifier.Report {
        try service.verify()
    }

    /// Undoes percent escapes; what cannot be undone stays.
    private static func decoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension ProcessionService {
    /// Refolds and re-decides every process and compares all derived rows; blocks until done.
    public func verify() throws(StoreError) -> StoreVerifier.Report {
        let results = Mailbox<Result<StoreVerifier.Report, StoreError>>(limit: 1)
        let managers = managers
        // Deciding again asks the zones that decided.
        let factory = DefinitionManagers(timeZones: timeZones)
        let isAccepted = readers.submit { reader in
            do throws(StoreError) {
                let report = try reader.snapshot { () throws(StoreError) in
                    try StoreVerifier(reader: reader, factory: factory, managers: managers)
                        .verifyAll(tenant: "default")
                }
                _ = results.put(.success(report))
            } catch {
                _ = results.put(.failure(error))
            }
        }
        guard isAccepted else { throw .closed }
        var taken: [Result<StoreVerifier.Report, StoreError>] = []
        _ = results.takeAll(into: &taken, until: nil)
        guard let result = taken.first else { throw .closed }
        return try result.get()
    }
}
