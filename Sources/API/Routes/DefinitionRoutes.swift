import Chrono
import Engine
import EventSourcing
import HTTPServer
import JSON

extension ProcessionAPI {
    /// A definition is larger than this never.
    private static let definitionLimit = 256 * 1024

    func putDefinition(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let name = path["name"] ?? ""
        guard call.request.body.count <= Self.definitionLimit else {
            throw HTTPProblem(.payloadTooLarge, "a definition may have \(Self.definitionLimit) bytes")
        }
        let body = try BodyReader(call.request)
        guard body.view["name"] == nil || body.view["name"]?.stringValue == name else {
            throw body.fault("name", "the body's name differs from '\(name)' in the path")
        }
        switch options.checkDefinition(name, body.view) {
        case .invalid(let faults):
            let word = faults.count == 1 ? "fault" : "faults"
            throw HTTPProblem(.definitionInvalid, "\(name) has \(faults.count) \(word)", faults: faults)
        case .valid(let content, let warnings):
            let request = EngineRequest.storeDefinition(
                DefinitionRequest(name: name, content: content, condition: try call.precondition()))
            ask(audited(request, call), call) { answer in
                guard case .definition(let receipt) = answer else { return nil }
                var response = HTTPResponse.answer(status: receipt.isNew ? 201 : 200) { writer in
                    writer.beginObject()
                    writer.member("name", receipt.name)
                    writer.member("version", receipt.version)
                    writer.list("warnings", warnings) { $1.write(to: &$0) }
                    writer.endObject()
                }
                if receipt.isNew {
                    response.fields.append(("Location", "/definitions/\(receipt.name)/versions/\(receipt.version)"))
                }
                return response
            }
        }
    }

    func listDefinitions(_ call: APICall) throws(HTTPProblem) {
        read(call) { reader throws(HTTPProblem) in
            let newest = try reading { () throws(StoreError) in try reader.newestDefinitions() }
            return .answer { writer in
                writer.beginObject()
                writer.list("definitions", newest) { $0.summary($1) }
                writer.endObject()
            }
        }
    }

    func listVersions(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let name = path["name"] ?? ""
        read(call) { reader throws(HTTPProblem) in
            let rows = try reading { () throws(StoreError) in try reader.definitionVersions(named: name) }
            guard !rows.isEmpty else {
                throw HTTPProblem(Problem(.definitionNotFound, "there is no definition '\(name)'"))
            }
            return .answer { writer in
                writer.beginObject()
                writer.list("versions", rows) { $0.summary($1) }
                writer.endObject()
            }
        }
    }

    /// The newest version, or the one that the path names.
    func showDefinition(_ call: APICall, _ path: HTTPPathParameters) throws(HTTPProblem) {
        let name = path["name"] ?? ""
        let version = path["version"]
        read(call) { reader throws(HTTPProblem) in
            let rows = try reading { () throws(StoreError) in try reader.definitions(named: name) }
            let row = version == nil ? rows.last : rows.first { String($0.version) == version }
            guard let row else { throw HTTPProblem(Problem(.definitionNotFound, "there is no such definition")) }
            return try call.answer(tagged: row.entityTag) {
                .answer { writer in
                    writer.beginObject()
                    writer.member("name", row.name)
                    writer.member("version", row.version)
                    writer.member("created_at", row.createdAt.rfc3339)
                    writer.member("content", row.content)
                    writer.endObject()
                }
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func summary(_ row: DefinitionSummary) {
        beginObject()
        member("name", row.name)
        member("version", row.version)
        optional("description", row.description)
        member("created_at", row.createdAt.rfc3339)
        endObject()
    }
}
