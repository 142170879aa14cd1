import Foundation
import TestSupport
import Testing

@testable import HTTPServer

/// One case of the public suites of raw requests.
private struct ConformanceCase: Decodable {
    struct Part: Decodable {
        var raw: String?
        var `repeat`: String?
        var count: Int?
    }

    var name: String
    var expect: String
    var messages: Int
    var tail: String
    var mode: String?
    var statuses: [Int]?
    var raw: String?
    var parts: [Part]?

    var isIncomplete: Bool { mode == "incomplete" }

    func bytes() throws -> [UInt8] {
        if let raw { return Array(try #require(Data(base64Encoded: raw))) }
        var bytes: [UInt8] = []
        for part in try #require(parts) {
            if let raw = part.raw { bytes += Array(try #require(Data(base64Encoded: raw))) }
            if let text = part.repeat {
                let unit = Array(Data(base64Encoded: text) ?? Data(text.utf8))
                for _ in 0..<(part.count ?? 1) { bytes += unit }
            }
        }
        return bytes
    }

    static func all() throws -> [ConformanceCase] {
        try ["gunicorn", "http11probe", "llhttp", "picohttpparser"].flatMap { suite in
            try (ConformanceData.lines("http/\(suite).jsonl") ?? []).map {
                try JSONDecoder().decode(ConformanceCase.self, from: Data($0.utf8))
            }
        }
    }
}

/// Statuses that mean a well-formed request was not understood.
private let parserStatuses: Set<Int> = [400, 408, 411, 413, 414, 431, 505]

struct ConformanceTests {
    @Test("the public suites of raw requests are judged as expected, whole and byte by byte", arguments: [false, true])
    func suites(byteByByte: Bool) throws {
        let cases = try ConformanceCase.all()
        var hasty = HTTPLimits()
        hasty.headSeconds = 0.5
        hasty.bodySeconds = 0.5
        let handler = TestHandler()
        let unreached = TestHandler()
        try withServer(handler) { patient in
            try withServer(unreached, limits: hasty) { impatient in
                // Unfinished requests wait for their time-out together.
                let unfinished = try cases.filter(\.isIncomplete).map { item in
                    (item, try open(item, impatient.port, byteByByte))
                }
                for item in cases where !item.isIncomplete {
                    let before = handler.all.count
                    try judge(item, try open(item, patient.port, byteByByte))
                    if item.expect == "reject" {
                        #expect(handler.all.count - before == item.messages, "\(item.name): reached the handler")
                    }
                }
                for (item, client) in unfinished { try judge(item, client) }
            }
        }
        #expect(unreached.all.isEmpty)
        print("HTTP conformance: \(cases.count) cases ran \(byteByByte ? "byte by byte" : "whole")")
    }

    private func open(_ item: ConformanceCase, _ port: Int, _ byteByByte: Bool) throws -> TestClient {
        let client = try TestClient(port: port)
        let bytes = try item.bytes()
        if byteByByte { client.sendByteByByte(bytes) } else { client.send(bytes) }
        return client
    }

    private func judge(_ item: ConformanceCase, _ client: TestClient) throws {
        for index in 0..<item.messages {
            // The suites hold HEAD as a single request only.
            let isHead = try item.bytes().starts(with: "HEAD ".utf8)
            let answer = try client.answer(toHead: isHead)
            if item.expect == "either" { continue }
            let status = try #require(answer?.status, "\(item.name): no answer to message \(index + 1)")
            #expect(!parserStatuses.contains(status), "\(item.name): \(status) to message \(index + 1)")
        }
        guard item.expect == "reject" else { return }
        if let answer = try client.answer() {
            #expect((item.statuses ?? [400]).contains(answer.status), "\(item.name): \(answer.status)")
            #expect(answer["Connection"] == "close", "\(item.name)")
            #expect(try client.answer() == nil, "\(item.name): the connection goes on after the error")
        } else {
            #expect(!client.wasReset, "\(item.name): reset instead of an orderly close")
        }
    }

    @Test("the parser's verdict does not depend on where the input is split")
    func splits() throws {
        var runs = 0
        for item in try ConformanceCase.all() {
            let bytes = try item.bytes()
            let whole = verdict(bytes, portions: [bytes.count])
            #expect(verdict(bytes, portions: Array(repeating: 1, count: bytes.count)) == whole, "\(item.name)")
            // Every split point of what is short enough; a few portions of what is not.
            if bytes.count < 600 {
                for point in 1..<bytes.count {
                    #expect(
                        verdict(bytes, portions: [point, bytes.count - point]) == whole, "\(item.name) at \(point)")
                    runs += 1
                }
            } else {
                for size in [2, 7, 1_000, 4_096] {
                    let portions = Array(repeating: size, count: bytes.count / size) + [bytes.count % size]
                    #expect(verdict(bytes, portions: portions) == whole, "\(item.name) by \(size)")
                    runs += 1
                }
            }
        }
        print("HTTP conformance: \(runs) splits compared")
    }

    private func verdict(_ bytes: [UInt8], portions: [Int]) -> [String] {
        var feeder = ParserFeeder()
        var position = 0
        for portion in portions {
            feeder.feed(Array(bytes[position..<position + portion]))
            position += portion
        }
        return feeder.verdict
    }
}
