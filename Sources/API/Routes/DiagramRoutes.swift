import Diagrams
import Engine
import EventSourcing
import HTTPServer
import JSON
import ProcessManagement

extension ProcessionAPI {
    /// The newest version, or the one that the path names.
    func drawDefinition(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let name = path["name"] ?? ""
        let version = path["version"]
        let format = DiagramFormat(accepting: Accept(call.request.headers))
        read(call) { reader throws(HTTPProblem) in
            let rows = try reading { () throws(StoreError) in try reader.definitions(named: name) }
            let row = version == nil ? rows.last : rows.first { String($0.version) == version }
            guard let row, let graph = DefinitionGraph(document: row.content, version: row.version) else {
                throw HTTPProblem(Problem(.definitionNotFound, "there is no such definition"))
            }
            return format.response(graph, marking: nil)
        }
    }

    /// The definition that the process runs on, with its present states and the way it took; `at` as of a version of
    /// its stream.
    func drawProcess(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let query = call.query
        let id = try processID(path)
        let at: Int64? = query.text("at") == nil ? nil : try query.integer("at", in: 0...Int64.max, default: 0)
        let format = DiagramFormat(accepting: Accept(call.request.headers))
        read(call) { reader throws(HTTPProblem) in
            let found = try reading { () throws(StoreError) in
                try ProcessView.read(id, tenant: call.tenant, at: at, from: reader)
            }
            switch found {
            case .found(let view):
                let state = view.state
                let row = try reading { () throws(StoreError) in try reader.definitions(named: state.definition) }
                    .first { $0.version == state.definitionVersion }
                guard let row, let graph = DefinitionGraph(document: row.content, version: row.version) else {
                    throw HTTPProblem(
                        Problem(.definitionNotFound, "'\(state.definition)' is no stored definition: nothing to draw"))
                }
                let history = try reading { () throws(StoreError) in try Self.history(of: state, from: reader) }
                return format.response(graph, marking: ProcessOverlay(state: state, history: history))
            case .missing: throw HTTPProblem(Problem(.processNotFound, "there is no process \(id)"))
            case .outOfRange(let last):
                throw HTTPProblem(
                    .versionOutOfRange, "the stream has the versions 1 to \(last)",
                    faults: [RequestFault(.parameter("at"), "has to be 1 to \(last)")])
            }
        }
    }

    /// No more of a stream is looked at for the way taken than its last records.
    static let drawnRecords: Int64 = 20_000

    private static func history(
        of state: ProcessState, from reader: any ProcessReader
    ) throws(StoreError) -> [ProcessRecord] {
        guard let stored = try reader.process(state.processID, tenant: state.tenant) else { return [] }
        var records: [ProcessRecord] = []
        var version = max(1, state.version - drawnRecords + 1)
        while version <= state.version {
            let limit = Int(min(state.version - version + 1, 500))
            let page = try reader.processStream(stored.handle, from: version, limit: limit)
            guard let last = page.last else { break }
            // What this release cannot read says nothing about a way either.
            records += page.compactMap { try? ProcessRecord($0.event) }
            version = last.version + 1
        }
        return records
    }
}

/// In what a diagram is written; chosen by the caller's `Accept` (RFC 9110, 12.5.1).
enum DiagramFormat: String, CaseIterable, Sendable {
    // In the order of our preference.
    case svg = "image/svg+xml"
    case mermaid = "text/vnd.mermaid"
    case text = "text/plain"

    /// The one with the highest quality.
    init(accepting accept: Accept) {
        var best: (format: DiagramFormat, quality: Int) = (.svg, 0)
        for format in Self.allCases {
            let quality = accept.quality(of: format.rawValue)
            if quality > best.quality { best = (format, quality) }
        }
        self = best.format
    }

    func response(_ graph: DefinitionGraph, marking overlay: ProcessOverlay?) -> HTTPResponse {
        let text = self == .svg ? graph.svg(marking: overlay) : graph.mermaid(marking: overlay)
        return HTTPResponse(
            status: 200,
            fields: [
                ("Content-Type", self == .svg ? rawValue : "\(rawValue); charset=utf-8"), ("Vary", "Accept"),
                ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
                // A picture opened by its address runs in the service's origin; it needs nothing but its own style.
                ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
            ], body: Array(text.utf8))
    }
}
