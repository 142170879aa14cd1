import Chrono
import Engine
import HTTPServer
import JSON

/// Codes of problems that the API finds before the engine is asked.
public enum APIProblemCode: String, Sendable, CaseIterable {
    case malformedRequest = "malformed_request"
    case invalidJSON = "invalid_json"
    case invalidRequest = "invalid_request"
    case unknownParameter = "unknown_parameter"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case notAcceptable = "not_acceptable"
    case requestTimeout = "request_timeout"
    case payloadTooLarge = "payload_too_large"
    case targetTooLong = "target_too_long"
    case unsupportedMediaType = "unsupported_media_type"
    case expectationFailed = "expectation_failed"
    case fieldsTooLarge = "fields_too_large"
    case notImplemented = "not_implemented"
    case tooManyConnections = "too_many_connections"
    case versionNotSupported = "http_version_not_supported"
    case crossOrigin = "cross_origin"
    case versionOutOfRange = "version_out_of_range"
    case definitionInvalid = "definition_invalid"
    case commandReserved = "command_reserved"
    case unauthorized = "unauthorized"
    case forbidden = "forbidden"
    case tooManyFailures = "too_many_failures"

    var status: Int {
        switch self {
        case .malformedRequest, .invalidJSON, .invalidRequest, .unknownParameter, .versionOutOfRange: 400
        case .unauthorized: 401
        case .crossOrigin, .forbidden: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .notAcceptable: 406
        case .requestTimeout: 408
        case .payloadTooLarge: 413
        case .targetTooLong: 414
        case .unsupportedMediaType: 415
        case .expectationFailed: 417
        case .definitionInvalid, .commandReserved: 422
        case .tooManyFailures: 429
        case .fieldsTooLarge: 431
        case .notImplemented: 501
        case .tooManyConnections: 503
        case .versionNotSupported: 505
        }
    }

    var title: String {
        switch self {
        case .malformedRequest: "The request is not valid HTTP/1.1"
        case .invalidJSON: "The body is not valid JSON"
        case .invalidRequest: "The request is not as documented"
        case .unknownParameter: "There is no such query parameter"
        case .notFound: "There is nothing here"
        case .methodNotAllowed: "The method is not offered here"
        case .notAcceptable: "The answer comes in none of the accepted types"
        case .requestTimeout: "The request came too slowly"
        case .payloadTooLarge: "The body is too large"
        case .targetTooLong: "The request target is too long"
        case .unsupportedMediaType: "The content type is not read here"
        case .expectationFailed: "The expectation cannot be met"
        case .fieldsTooLarge: "The header fields are too large"
        case .notImplemented: "The transfer coding is not implemented"
        case .tooManyConnections: "There are too many connections"
        case .versionNotSupported: "The HTTP version is not supported"
        case .crossOrigin: "The request came from a foreign web page"
        case .versionOutOfRange: "The stream has no such version"
        case .definitionInvalid: "The definition has faults"
        case .commandReserved: "The service sends this on its own"
        case .unauthorized: "A valid key or token is needed"
        case .forbidden: "The key or token may not do this"
        case .tooManyFailures: "Too many keys or tokens were not valid"
        }
    }
}

/// One fault inside a request, and where it is.
public struct RequestFault: Error, Sendable, Equatable {
    /// A JSON Pointer into the body, or the name of a query parameter.
    public enum Place: Sendable, Equatable {
        case pointer(String)
        case parameter(String)
        case header(String)
    }

    public var place: Place
    public var message: String
    public var column: Int?
    public var hint: String?

    public init(_ place: Place, _ message: String, column: Int? = nil, hint: String? = nil) {
        self.place = place
        self.message = message
        self.column = column
        self.hint = hint
    }
}

/// An answer that says what went wrong: RFC 9457.
struct HTTPProblem: Error {
    var code: String
    var status: Int
    var title: String
    var detail: String
    var faults: [RequestFault] = []
    var members = JSONObject()
    var retryAfter: TimeSpan?
    var fields: [(String, String)] = []

    init(_ code: APIProblemCode, _ detail: String, faults: [RequestFault] = []) {
        self.code = code.rawValue
        status = code.status
        title = code.title
        self.detail = detail
        self.faults = faults
        if status == 503 { retryAfter = .seconds(1) }
    }

    init(_ fault: RequestFault) {
        self.init(.invalidRequest, fault.message, faults: [fault])
    }

    init(_ problem: Problem) {
        code = problem.code.rawValue
        status = problem.code.status
        title = problem.code.title
        detail = problem.detail
        members = problem.members
        retryAfter = problem.retryAfter
    }

    init(_ fault: HTTPFault) {
        if fault.kind == .overloaded {
            self.init(Problem(.overloaded, fault.detail))
            return
        }
        let code: APIProblemCode =
            switch fault.kind {
            case .malformedRequest: .malformedRequest
            case .methodNotAllowed: .methodNotAllowed
            case .requestTimeout: .requestTimeout
            case .contentTooLarge: .payloadTooLarge
            case .targetTooLong: .targetTooLong
            case .expectationFailed: .expectationFailed
            case .fieldsTooLarge: .fieldsTooLarge
            case .unknownTransferCoding: .notImplemented
            case .tooManyConnections, .overloaded: .tooManyConnections
            case .versionNotSupported: .versionNotSupported
            }
        self.init(code, fault.detail)
        status = fault.status
    }

    init(_ error: StoreError) {
        self.init(Problem(.storeUnavailable, error.explanation))
    }

    fileprivate static let contentType = "application/problem+json"

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "urn:procession:problem:\(code)")
        writer.member("title", title)
        writer.member("status", status)
        writer.member("detail", detail)
        writer.member("code", code)
        for member in members {
            writer.name(member.name)
            writer.value(member.value)
        }
        if !faults.isEmpty {
            writer.name("errors")
            writer.beginArray()
            for fault in faults { fault.write(to: &writer) }
            writer.endArray()
        }
        writer.endObject()
    }

    var response: HTTPResponse {
        var writer = JSONWriter(reserving: 256)
        write(to: &writer)
        var fields = [("Content-Type", Self.contentType), ("Cache-Control", "no-store")] + fields
        if let retryAfter { fields.append(("Retry-After", String(max(1, (retryAfter.milliseconds + 999) / 1000)))) }
        return HTTPResponse(status: status, fields: fields, body: writer.finish())
    }
}

extension HTTPResponse {
    /// Says which request was answered: `X-Request-Id`, and in a problem `instance` (RFC 9457 section 3.1.5), which is what
    /// people send on when they ask for help. The answer is made where the request is not known, so it comes last.
    mutating func name(_ requestID: String) {
        fields.append(("X-Request-Id", requestID))
        guard self["Content-Type"] == HTTPProblem.contentType, body.last == UInt8(ascii: "}") else { return }
        body.removeLast()
        body += #","instance":"urn:procession:request:\#(PercentEncoding.encode(requestID, keeping: ":"))"}"#.utf8
    }
}

extension RequestFault {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        switch place {
        case .pointer(let pointer): writer.member("pointer", pointer)
        case .parameter(let name): writer.member("parameter", name)
        case .header(let name): writer.member("header", name)
        }
        writer.member("message", message)
        if let column { writer.member("column", column) }
        if let hint { writer.member("hint", hint) }
        writer.endObject()
    }
}

/// Every code that an answer can bear; docs/problems.md has a paragraph for each.
public enum ProblemCatalogue {
    public static var codes: [String] {
        APIProblemCode.allCases.map(\.rawValue) + Problem.Code.allCases.map(\.rawValue)
    }

    /// The HTTP status of a code; nil if there is no such code.
    public static func status(of code: String) -> Int? {
        APIProblemCode(rawValue: code)?.status ?? Problem.Code(rawValue: code)?.status
    }
}
