import Foundation
import Testing

@testable import HTTPServer

/// A small generator that gives the same numbers for the same seed (xorshift64*).
private struct SeededNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed | 1 }

    mutating func next(below bound: Int) -> Int {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return Int((state &* 2_685_821_657_736_338_717) >> 33) % bound
    }
}

struct MutationTests {
    private static let host = "Host: a\r\n"
    private static let samples = [
        "GET /a/b?c=d%20e HTTP/1.1\r\n\(host)X: y\r\n\r\nGET / HTTP/1.1\r\n\(host)\r\n",
        "POST / HTTP/1.1\r\n\(host)Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhelloGET / HTTP/1.0\r\n\r\n",
        "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n0\r\nT: u\r\n\r\n",
        "\r\nOPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close, x\r\n\r\nPUT http://a/b HTTP/1.1\r\n\(host)\r\n",
    ]
    /// The bytes on which parsers disagree, and some harmless ones.
    private static let bytes: [UInt8] = Array("\r\n\t \0:;,\"=%+-_0159aAzZ/?#*@[]\\\u{7F}".utf8) + [0x80, 0xA0, 0xFF]

    @Test("damaged requests get one verdict, however they are split", arguments: [1, 20_261_123] as [UInt64])
    func mutations(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        var refused = 0
        let rounds = 3_000
        for round in 0..<rounds {
            var input = Array(Self.samples[round % Self.samples.count].utf8)
            for _ in 0...numbers.next(below: 3) {
                let place = numbers.next(below: input.count)
                let byte = Self.bytes[numbers.next(below: Self.bytes.count)]
                switch numbers.next(below: 3) {
                case 0: input[place] = byte
                case 1: input.insert(byte, at: place)
                default: input.remove(at: place)
                }
            }
            var whole = ParserFeeder()
            whole.feed(input)
            var single = ParserFeeder()
            for byte in input { single.feed([byte]) }
            #expect(whole.verdict == single.verdict, "seed \(seed), round \(round): \(input)")
            if whole.fault != nil { refused += 1 }
        }
        // Most damage must be noticed, and some leaves another valid request.
        #expect(refused > rounds / 3 && refused < rounds)
        print("HTTP mutations: \(rounds) inputs, \(refused) refused, seed \(seed)")
    }

    @Test("what coverage-guided fuzzing found worth keeping gets one verdict, however it is split")
    func corpus() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/CoverageFuzz/Corpus/http").standardizedFileURL
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count > 50)
        var statuses: Set<Int> = []
        for file in files {
            let input = Array(try Data(contentsOf: file))
            var whole = ParserFeeder()
            whole.feed(input)
            var single = ParserFeeder()
            for byte in input { single.feed([byte]) }
            #expect(whole.verdict == single.verdict, "\(file.lastPathComponent)")
            if let fault = whole.fault { statuses.insert(fault.status) }
        }
        #expect(statuses.isSuperset(of: [400, 405, 417, 501, 505]))
    }
}
