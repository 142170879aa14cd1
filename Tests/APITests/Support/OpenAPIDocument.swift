import Foundation

/// What openapi.yaml says, as far as tests compare it with the service.
struct OpenAPIDocument: Sendable {
    struct Operation: Sendable {
        var queryParameters: Set<String> = []
        /// Content types by status; `default` is none.
        var responses: [Int: Set<String>] = [:]
        /// The scopes that `security` names, any of which will do; nil where there is no `security`.
        var scopes: [String]?
    }

    /// By method and path pattern, such as `GET /events`; in the order of the file.
    private(set) var operations: [(name: String, operation: Operation)] = []

    /// `components`, such as `schemas/Process`, each as often as it is there.
    private(set) var components: [String] = []

    static let shared: OpenAPIDocument? = try? OpenAPIDocument()

    subscript(name: String) -> Operation? { operations.first { $0.name == name }?.operation }

    static func lines() throws -> [String] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../openapi.yaml").standardizedFileURL
        return try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
    }

    init() throws {
        var lines = try Self.lines()[...]
        let root = YAMLNode(&lines, indentation: 0)
        for (kind, named) in root["components"]?.members ?? [] {
            components += named.members.map { "\(kind)/\($0.name)" }
        }
        for (pattern, path) in root["paths"]?.members ?? [] {
            let shared = path["parameters"]?.items ?? []
            for (method, body) in path.members where method != "parameters" {
                var operation = Operation()
                operation.scopes = body["security"]?.text.flatMap(Self.scopes)
                for parameter in shared + (body["parameters"]?.items ?? []) {
                    let parameter = Self.resolve(parameter, root)
                    if parameter["in"]?.text == "query", let name = parameter["name"]?.text {
                        operation.queryParameters.insert(name)
                    }
                }
                for (status, response) in body["responses"]?.members ?? [] {
                    guard let status = Int(status) else { continue }
                    let content = Self.resolve(response, root)["content"]?.members ?? []
                    operation.responses[status] = Set(content.map(\.name))
                }
                operations.append(("\(method.uppercased()) \(pattern)", operation))
            }
        }
    }

    /// Of `[{ bearer: ["scope"] }, { bearer: ["other"] }]` or `[]`.
    private static func scopes(_ security: String) -> [String]? {
        if security == "[]" { return [] }
        guard security.wholeMatch(of: /\[(\{ bearer: \["[a-z:]+"\] \}(, )?)+\]/) != nil else { return nil }
        return security.matches(of: /"([a-z:]+)"/).map { String($0.1) }
    }

    private static func resolve(_ node: YAMLNode, _ root: YAMLNode) -> YAMLNode {
        guard let reference = node["$ref"]?.text else { return node }
        var target: YAMLNode? = root
        for name in reference.dropFirst(2).split(separator: "/") { target = target?[String(name)] }
        return target ?? node
    }
}

/// The block style of YAML, as far as openapi.yaml uses it; what is in flow style stays text.
private indirect enum YAMLNode {
    case mapping([(name: String, value: YAMLNode)])
    case sequence([YAMLNode])
    case scalar(String)

    var members: [(name: String, value: YAMLNode)] { if case .mapping(let members) = self { members } else { [] } }
    var items: [YAMLNode] { if case .sequence(let items) = self { items } else { [] } }
    var text: String? { if case .scalar(let text) = self { text } else { nil } }
    subscript(name: String) -> YAMLNode? { members.first { $0.name == name }?.value }

    /// Takes the lines of one block: all that are indented at least so far.
    init(_ lines: inout ArraySlice<String>, indentation: Int) {
        var members: [(name: String, value: YAMLNode)] = []
        var items: [YAMLNode] = []
        while let line = lines.first {
            let depth = line.prefix { $0 == " " }.count
            let text = String(line.dropFirst(depth))
            if text.isEmpty {
                lines.removeFirst()
                continue
            }
            guard depth >= indentation else { break }
            if text.hasPrefix("- ") {
                // The item's first line stands behind the dash: read it as if the dash were a space.
                lines[lines.startIndex] = String(repeating: " ", count: depth + 2) + text.dropFirst(2)
                items.append(YAMLNode(&lines, indentation: depth + 2))
                continue
            }
            lines.removeFirst()
            guard let colon = Self.colon(in: text) else {
                self = .scalar(Self.unquoted(text))
                return
            }
            let name = Self.unquoted(String(text[..<colon]))
            let rest = text[text.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            switch rest {
            case "": members.append((name, YAMLNode(&lines, indentation: depth + 1)))
            case "|":
                while let next = lines.first, next.isEmpty || next.prefix(while: { $0 == " " }).count > depth {
                    lines.removeFirst()
                }
                members.append((name, .scalar("")))
            default: members.append((name, .scalar(Self.unquoted(rest))))
            }
        }
        self = items.isEmpty ? .mapping(members) : .sequence(items)
    }

    /// The colon that ends a member's name.
    private static func colon(in text: String) -> String.Index? {
        if text.hasPrefix("\"") {
            return text.range(of: "\":").map { text.index(before: $0.upperBound) }
        }
        guard !text.hasPrefix("{"), !text.hasPrefix("[") else { return nil }
        return text.range(of: ": ")?.lowerBound ?? (text.hasSuffix(":") ? text.index(before: text.endIndex) : nil)
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
        return String(text.dropFirst().dropLast())
    }
}
