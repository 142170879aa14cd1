/// Finds the route of a method and a path.
///
/// A literal segment wins over a parameter at the same place: `/tasks/outcomes` is tried before `/tasks/{task_id}`.
public struct HTTPRouter<Route: Sendable>: Sendable {
    public enum Match: Sendable {
        /// Parameters in the order of the path.
        case found(Route, parameters: HTTPPathParameters)
        /// The path exists with these methods only, sorted; HEAD is among them where GET is, and OPTIONS always.
        case methodNotAllowed(allow: [String])
        case notFound
    }

    private struct Node: Sendable {
        var literals: [String: Int] = [:]
        var parameter: Int?
        /// In order of registration.
        var endpoints: [Endpoint] = []
    }

    private struct Endpoint: Sendable {
        var method: String
        var names: [String]
        var route: Route
    }

    private var nodes: [Node] = [Node()]
    /// Every route in the order added, for comparing with a description of the interface.
    public private(set) var routes: [(method: String, pattern: String)] = []

    public init() {}

    /// Adds a route. `pattern` begins with a slash; `{name}` stands for one non-empty segment.
    /// A method and pattern may be added once; parameter names do not tell patterns apart.
    public mutating func add(_ method: String, _ pattern: String, _ route: Route) {
        precondition(pattern.utf8.first == ASCII.slash, "a pattern begins with a slash: \(pattern)")
        var node = 0
        var names: [String] = []
        for segment in pattern.split(separator: "/", omittingEmptySubsequences: true) {
            if segment.hasPrefix("{") && segment.hasSuffix("}") {
                names.append(String(segment.dropFirst().dropLast()))
                node = parameterChild(of: node)
            } else {
                node = literalChild(of: node, String(segment))
            }
        }
        precondition(
            !nodes[node].endpoints.contains { $0.method == method }, "route added twice: \(method) \(pattern)")
        nodes[node].endpoints.append(Endpoint(method: method, names: names, route: route))
        routes.append((method, pattern))
    }

    /// HEAD finds the route of GET unless it has its own. OPTIONS is answered with `methodNotAllowed` unless added.
    public func match(_ method: String, _ path: [String]) -> Match {
        var values: [String] = []
        guard let node = find(path, 0, 0, &values) else { return .notFound }
        let endpoints = nodes[node].endpoints
        for endpoint in endpoints where endpoint.method == method {
            return .found(endpoint.route, parameters: HTTPPathParameters(names: endpoint.names, values: values))
        }
        if method == "HEAD" {
            for endpoint in endpoints where endpoint.method == "GET" {
                return .found(endpoint.route, parameters: HTTPPathParameters(names: endpoint.names, values: values))
            }
        }
        return .methodNotAllowed(allow: allowed(endpoints))
    }

    private func allowed(_ endpoints: [Endpoint]) -> [String] {
        var methods = Set(endpoints.map(\.method))
        if methods.contains("GET") { methods.insert("HEAD") }
        methods.insert("OPTIONS")
        return methods.sorted()
    }

    /// Depth first, the literal child before the parameter; as deep as the longest pattern.
    private func find(_ path: [String], _ depth: Int, _ node: Int, _ values: inout [String]) -> Int? {
        if depth == path.count { return nodes[node].endpoints.isEmpty ? nil : node }
        let segment = path[depth]
        if let child = nodes[node].literals[segment], let found = find(path, depth + 1, child, &values) {
            return found
        }
        guard let child = nodes[node].parameter, !segment.isEmpty else { return nil }
        values.append(segment)
        if let found = find(path, depth + 1, child, &values) { return found }
        values.removeLast()
        return nil
    }

    private mutating func literalChild(of node: Int, _ segment: String) -> Int {
        if let child = nodes[node].literals[segment] { return child }
        nodes.append(Node())
        nodes[node].literals[segment] = nodes.count - 1
        return nodes.count - 1
    }

    private mutating func parameterChild(of node: Int) -> Int {
        if let child = nodes[node].parameter { return child }
        nodes.append(Node())
        nodes[node].parameter = nodes.count - 1
        return nodes.count - 1
    }
}

/// What the `{names}` of a pattern stood for.
public struct HTTPPathParameters: Sendable, Equatable {
    public let names: [String]
    public let values: [String]

    public init(names: [String], values: [String]) {
        self.names = names
        self.values = values
    }

    public subscript(name: String) -> String? {
        guard let index = names.firstIndex(of: name) else { return nil }
        return values[index]
    }

    /// The value of the parameter at this place of the pattern.
    public subscript(index: Int) -> String { values[index] }
}
