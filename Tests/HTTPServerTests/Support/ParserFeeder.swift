@testable import HTTPServer

/// Gives bytes to a parser as a connection does and keeps what comes out.
struct ParserFeeder {
    private var parser: RequestParser
    private var waiting: [UInt8] = []
    private(set) var requests: [HTTPRequest] = []
    private(set) var fault: HTTPFault?

    init(_ limits: HTTPLimits = HTTPLimits()) { parser = RequestParser(ParserLimits(limits)) }

    mutating func feed(_ bytes: [UInt8]) {
        guard fault == nil else { return }
        waiting += bytes
        var consumed = 0
        waiting.withUnsafeBufferPointer { buffer in
            while true {
                switch parser.advance(buffer, &consumed) {
                case .needMore: return
                case .head: continue
                case .request:
                    if let request = parser.takeRequest() { requests.append(request) }
                case .fault(let found):
                    fault = found
                    return
                }
            }
        }
        waiting.removeFirst(consumed)
    }

    /// The requests with their bodies, then the fault or how far an unfinished request has come.
    var verdict: [String] {
        var lines = requests.map { request in
            "\(request.method) \(request.rawTarget) \(request.headers.all) \(request.body)"
        }
        if let fault {
            lines.append("\(fault.status) \(fault.detail)")
        } else {
            lines.append(parser.isIdle ? "idle" : parser.isInBody ? "in the body" : "in the head")
        }
        return lines
    }

    /// The fault of a whole input, or nil if it was read as complete requests or the beginning of one.
    static func fault(of text: String, limits: HTTPLimits = HTTPLimits()) -> HTTPFault? {
        var feeder = ParserFeeder(limits)
        feeder.feed(Array(text.utf8))
        return feeder.fault
    }

    static func request(of text: String, limits: HTTPLimits = HTTPLimits()) -> HTTPRequest? {
        var feeder = ParserFeeder(limits)
        feeder.feed(Array(text.utf8))
        return feeder.requests.first
    }
}
