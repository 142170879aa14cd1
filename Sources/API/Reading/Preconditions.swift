import Engine
import HTTPServer

extension APICall {
    /// `If-Match` and `If-None-Match` (RFC 9110 section 13.1).
    func precondition() throws(HTTPProblem) -> Precondition {
        Precondition(
            ifMatch: try EntityTags.read(request.headers, "if-match", isStrong: true),
            ifNoneMatch: try EntityTags.read(request.headers, "if-none-match", isStrong: false))
    }

    /// The answer to a GET of something with this entity tag: 304 without content where the client has it already.
    func answer(tagged tag: String, _ make: () -> HTTPResponse) throws(HTTPProblem) -> HTTPResponse {
        let condition = try precondition()
        guard Precondition(ifMatch: condition.ifMatch).holds(for: tag) else {
            throw HTTPProblem(Problem(.preconditionFailed, "it is \"\(tag)\" now"))
        }
        guard condition.holds(for: tag) else {
            return HTTPResponse(status: 304, fields: [("ETag", "\"\(tag)\""), ("Cache-Control", "no-cache")], body: [])
        }
        return make().tagged(tag)
    }
}

extension HTTPResponse {
    /// With its entity tag. It may be kept, but has to be asked for again before it is used.
    func tagged(_ tag: String) -> HTTPResponse {
        var response = self
        response.fields.removeAll { $0.0 == "Cache-Control" }
        response.fields += [("ETag", "\"\(tag)\""), ("Cache-Control", "no-cache")]
        return response
    }
}

/// Lists of entity tags (RFC 9110 section 8.8.3).
enum EntityTags {
    /// Nil where the field is not there. With strong comparison a weak tag matches nothing.
    static func read(
        _ headers: HTTPFields, _ name: String, isStrong: Bool
    ) throws(HTTPProblem) -> Precondition.Tags? {
        let lines = headers.values(for: name)
        if lines.isEmpty { return nil }
        let text = lines.joined(separator: ",")
        if text == "*" { return .any }
        guard let tags = parse(text) else {
            throw HTTPProblem(
                RequestFault(.header(name), "'\(name)' has to be * or entity tags in double quotes, such as \"1\""))
        }
        return .these(tags.filter { !(isStrong && $0.isWeak) }.map(\.tag))
    }

    private static func parse(_ text: String) -> [(tag: String, isWeak: Bool)]? {
        var rest = text.utf8[...]
        var tags: [(tag: String, isWeak: Bool)] = []
        while true {
            rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: ",") }
            if rest.isEmpty { return tags.isEmpty ? nil : tags }
            let isWeak = rest.starts(with: "W/".utf8)
            if isWeak { rest = rest.dropFirst(2) }
            guard rest.first == UInt8(ascii: "\"") else { return nil }
            rest = rest.dropFirst()
            guard let end = rest.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
            tags.append((String(decoding: rest[..<end], as: UTF8.self), isWeak))
            rest = rest[rest.index(after: end)...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            guard rest.isEmpty || rest.first == UInt8(ascii: ",") else { return nil }
        }
    }
}
