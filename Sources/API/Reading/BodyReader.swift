import Chrono
import HTTPServer
import JSON

/// Reads an object strictly: each member by name and type, and none that nobody asked for.
struct BodyReader {
    let view: JSONView
    let pointer: String

    /// The body of a request, which has to be a JSON object; an empty body is an empty object where `mayBeEmpty`.
    init(_ request: HTTPRequest, mayBeEmpty: Bool = false) throws(HTTPProblem) {
        if request.body.isEmpty, mayBeEmpty {
            self.init(JSONView(.object(JSONObject())), at: "")
            return
        }
        try Self.checkJSON(request)
        let root = try Self.parse(request.body)
        guard root.kind == .object else {
            throw HTTPProblem(RequestFault(.pointer(""), "the body has to be a JSON object"))
        }
        self.init(root, at: "")
    }

    init(_ view: JSONView, at pointer: String) {
        self.view = view
        self.pointer = pointer
    }

    static func checkJSON(_ request: HTTPRequest) throws(HTTPProblem) {
        let type = MediaType(request.headers["content-type"] ?? "")
        guard type.essence == "application/json" else {
            throw HTTPProblem(.unsupportedMediaType, "send application/json, not '\(type.essence)'")
        }
    }

    static func parse(_ bytes: [UInt8]) throws(HTTPProblem) -> JSONView {
        do throws(JSONError) {
            return try JSONDocument.parse(bytes).root
        } catch {
            throw HTTPProblem(
                .invalidJSON, error.description,
                faults: [RequestFault(.pointer(""), "\(error.message) at byte \(error.offset)", column: error.column)])
        }
    }

    /// Refuses members that are not among these.
    func allow(_ names: Set<String>) throws(HTTPProblem) {
        for (name, _) in view.members where !names.contains(name) {
            throw HTTPProblem(
                RequestFault(
                    .pointer(place(name)),
                    "there is no member '\(name)'; known are \(names.sorted().joined(separator: ", "))"))
        }
    }

    func place(_ name: String) -> String {
        var escaped = ""
        for character in name.unicodeScalars {
            switch character {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return "\(pointer)/\(escaped)"
    }

    func fault(_ name: String, _ message: String) -> HTTPProblem {
        HTTPProblem(RequestFault(.pointer(place(name)), message))
    }

    /// Null counts as absent.
    func optional(_ name: String) -> JSONView? {
        view[name].flatMap { $0.isNull ? nil : $0 }
    }

    func optionalString(_ name: String) throws(HTTPProblem) -> String? {
        guard let member = optional(name) else { return nil }
        guard let text = member.stringValue else { throw fault(name, "'\(name)' has to be a string") }
        return text
    }

    func string(_ name: String) throws(HTTPProblem) -> String {
        guard let text = try optionalString(name) else { throw fault(name, "'\(name)' is required, a string") }
        return text
    }

    func integer(_ name: String, in range: ClosedRange<Int64>) throws(HTTPProblem) -> Int64? {
        guard let member = optional(name) else { return nil }
        guard let number = Self.integer(member), range.contains(number) else {
            throw fault(name, "'\(name)' has to be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// 3.0 is an integer, too (JSON Schema 2020-12, section 4.2.3).
    static func integer(_ member: JSONView) -> Int64? {
        member.int64Value ?? member.doubleValue.flatMap { Int64(exactly: $0) }
    }

    /// Text that is used as an id or name: not empty, no control characters, bounded.
    func identifier(_ name: String, limit: Int = 255) throws(HTTPProblem) -> String? {
        guard let text = try optionalString(name) else { return nil }
        guard !text.isEmpty, text.utf8.count <= limit,
            !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
        else { throw fault(name, "'\(name)' has to be 1 to \(limit) bytes without control characters") }
        return text
    }

    /// A list of texts as `identifier` reads them; empty where it is absent.
    func identifiers(_ name: String, limit: Int) throws(HTTPProblem) -> [String] {
        guard let list = optional(name) else { return [] }
        guard list.kind == .array, list.count <= limit else {
            throw fault(name, "'\(name)' has to be a list of at most \(limit) texts")
        }
        var texts: [String] = []
        for element in list.elements {
            guard let text = element.stringValue, (1...255).contains(text.utf8.count),
                !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
            else { throw fault(name, "'\(name)' has to be a list of texts of 1 to 255 bytes") }
            texts.append(text)
        }
        return texts
    }

    func bool(_ name: String) throws(HTTPProblem) -> Bool? {
        guard let member = optional(name) else { return nil }
        guard let flag = member.boolValue else { throw fault(name, "'\(name)' has to be true or false") }
        return flag
    }

    func timeSpan(_ name: String) throws(HTTPProblem) -> TimeSpan? {
        guard let text = try optionalString(name) else { return nil }
        guard let span = TimeSpan(text) else {
            throw fault(name, "'\(name)' has to be \(TimeSpan.forms(insteadOf: text))")
        }
        return span
    }
}
