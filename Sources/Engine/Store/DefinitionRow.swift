import Chrono
import JSON

/// A stored version of a definition. Its content never changes.
public struct DefinitionRow: Sendable, Equatable {
    public var name: String
    public var version: Int
    /// The document with defaults written in.
    public var content: JSONView
    public var createdAt: Instant

    public init(name: String, version: Int, content: JSONView, createdAt: Instant) {
        self.name = name
        self.version = version
        self.content = content
        self.createdAt = createdAt
    }
}

extension DefinitionRow {
    /// Names the version and its content.
    public var entityTag: String {
        let hash = String(content.contentHash(seed: 0xcbf2_9ce4_8422_2325), radix: 16)
        return "\(version)-\(String(repeating: "0", count: 16 - hash.utf8.count))\(hash)"
    }
}

/// What a list shows of a stored version.
public struct DefinitionSummary: Sendable, Equatable {
    public var name: String
    public var version: Int
    public var description: String?
    public var createdAt: Instant

    public init(name: String, version: Int, description: String?, createdAt: Instant) {
        self.name = name
        self.version = version
        self.description = description
        self.createdAt = createdAt
    }

    init(_ row: DefinitionRow) {
        self.init(
            name: row.name, version: row.version, description: row.content["description"]?.stringValue,
            createdAt: row.createdAt)
    }
}
