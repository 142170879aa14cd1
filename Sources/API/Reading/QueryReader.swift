import Chrono
import HTTPServer

/// Reads query parameters strictly: known ones only, each at most once unless it may be repeated.
struct QueryReader {
    private let query: [(name: String, value: String)]

    init() {
        query = []
    }

    init(_ request: HTTPRequest, allowing names: Set<String>, repeatable: Set<String> = []) throws(HTTPProblem) {
        query = request.query
        var seen: Set<String> = []
        for (name, _) in query {
            guard names.contains(name) else {
                let known = names.isEmpty ? "none" : names.sorted().joined(separator: ", ")
                throw HTTPProblem(
                    .unknownParameter, "there is no parameter '\(name)' here; known: \(known)",
                    faults: [RequestFault(.parameter(name), "unknown")])
            }
            if !seen.insert(name).inserted, !repeatable.contains(name) {
                throw Self.fault(name, "'\(name)' may be given once")
            }
        }
    }

    static func fault(_ name: String, _ message: String) -> HTTPProblem {
        HTTPProblem(RequestFault(.parameter(name), message))
    }

    func text(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }

    /// A repeated parameter, or a comma list.
    func list(_ name: String) -> [String] {
        query.filter { $0.name == name }.flatMap { $0.value.split(separator: ",").map(String.init) }
    }

    func integer(_ name: String, in range: ClosedRange<Int64>, default standard: Int64) throws(HTTPProblem) -> Int64 {
        guard let text = text(name) else { return standard }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(text), range.contains(number)
        else { throw Self.fault(name, "'\(name)' has to be a number from \(range.lowerBound) to \(range.upperBound)") }
        return number
    }

    func timeSpan(_ name: String, default standard: TimeSpan) throws(HTTPProblem) -> TimeSpan {
        guard let text = text(name) else { return standard }
        guard let span = TimeSpan(text) ?? (text == "0" ? .zero : nil) else {
            throw Self.fault(name, "'\(name)' has to be \(TimeSpan.forms(insteadOf: text))")
        }
        return span
    }

    func instant(_ name: String) throws(HTTPProblem) -> Instant? {
        guard let text = text(name) else { return nil }
        guard let instant = Instant(rfc3339: text) else {
            throw Self.fault(name, "'\(name)' has to be a time such as 2026-01-31T12:00:00Z")
        }
        return instant
    }

    func flag(_ name: String) throws(HTTPProblem) -> Bool? {
        switch text(name) {
        case nil: nil
        case "true": true
        case "false": false
        default: throw Self.fault(name, "'\(name)' has to be true or false")
        }
    }
}
