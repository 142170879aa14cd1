import Foundation
import Glibc
import Testing

struct TestTimeout: Error {}

/// What came back for one request.
struct Answer {
    var status: Int
    var fields: [(name: String, value: String)]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    subscript(name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// A blocking client on a plain socket, with a time-out on every wait.
final class TestClient {
    private var descriptor: Int32
    private(set) var received: [UInt8] = []
    /// The peer closed its side, or the connection was reset.
    private(set) var isAtEnd = false
    private(set) var wasReset = false
    var secondsToWait = 20.0

    init(port: Int, address text: String = "127.0.0.1", receiveBuffer: Int32? = nil) throws {
        let isSix = text.contains(":")
        descriptor = socket(isSix ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var four = sockaddr_in()
        four.sin_family = sa_family_t(AF_INET)
        four.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, text, &four.sin_addr)
        var six = sockaddr_in6()
        six.sin6_family = sa_family_t(AF_INET6)
        six.sin6_port = UInt16(port).bigEndian
        inet_pton(AF_INET6, text, &six.sin6_addr)
        let code = isSix ? connect(to: &six) : connect(to: &four)
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    private func connect<Address>(to address: inout Address) -> Int32 {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }

    deinit { disconnect() }

    func disconnect() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    /// Closes with a reset instead of an orderly end.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        disconnect()
    }

    func closeWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Sends everything, or as much as the peer takes before it goes away.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    func sendByteByByte(_ bytes: [UInt8]) {
        for byte in bytes where !send([byte]) { return }
    }

    /// Waits for more bytes; false at the end of the input.
    @discardableResult
    func receiveMore() throws -> Bool {
        guard !isAtEnd else { return false }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, Int32(secondsToWait * 1000)) > 0 else { throw TestTimeout() }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 {
            received.append(contentsOf: buffer[..<count])
            return true
        }
        wasReset = count < 0
        isAtEnd = true
        return false
    }

    /// Takes a few bytes and forgets them; how many, nil at the end.
    func takeSome(atMost limit: Int) throws -> Int? {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, Int32(secondsToWait * 1000)) > 0 else { throw TestTimeout() }
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &buffer, limit, 0)
        return count > 0 ? count : nil
    }

    /// Whether bytes or the end arrive within the time.
    func waitForInput(milliseconds: Int32) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, milliseconds) > 0
    }

    func waitForEnd() throws {
        while try receiveMore() {}
    }

    /// The next answer; nil if the connection ended before one. Interim answers are skipped unless asked for.
    func answer(toHead isHead: Bool = false, interim: Bool = false) throws -> Answer? {
        while true {
            guard let head = try takeHead() else { return nil }
            if head.status == 100, !interim { continue }
            var answer = head
            if isHead || head.status < 200 || head.status == 204 || head.status == 304 { return answer }
            if head["Transfer-Encoding"] == "chunked" {
                answer.body = try takeChunks()
            } else if let length = head["Content-Length"].flatMap(Int.init) {
                while received.count < length {
                    guard try receiveMore() else { return nil }
                }
                answer.body = take(length)
            } else {
                try waitForEnd()
                answer.body = take(received.count)
            }
            return answer
        }
    }

    func takeHead() throws -> Answer? {
        while true {
            if let end = firstRange(of: [13, 10, 13, 10]) {
                let lines = String(decoding: take(end + 4).dropLast(4), as: UTF8.self).components(separatedBy: "\r\n")
                let status = try #require(Int(lines[0].split(separator: " ")[1]))
                let fields = lines.dropFirst().map { line in
                    let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                    return (name: String(parts[0]), value: parts[1].trimmingCharacters(in: .whitespaces))
                }
                return Answer(status: status, fields: fields, body: [])
            }
            guard try receiveMore() else { return nil }
        }
    }

    /// One chunk of a stream; empty at its end.
    func takeChunk() throws -> [UInt8] {
        while true {
            if let end = firstRange(of: [13, 10]) {
                let size = try #require(Int(String(decoding: received[..<end], as: UTF8.self), radix: 16))
                while received.count < end + 2 + size + 2 { try #require(try receiveMore()) }
                _ = take(end + 2)
                let chunk = take(size)
                #expect(take(2) == [13, 10])
                return chunk
            }
            try #require(try receiveMore())
        }
    }

    private func takeChunks() throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let chunk = try takeChunk()
            if chunk.isEmpty { return body }
            body += chunk
        }
    }

    private func take(_ count: Int) -> [UInt8] {
        defer { received.removeFirst(count) }
        return Array(received[..<count])
    }

    private func firstRange(of pattern: [UInt8]) -> Int? {
        guard received.count >= pattern.count else { return nil }
        for start in 0...(received.count - pattern.count)
        where received[start] == pattern[0] && Array(received[start..<start + pattern.count]) == pattern {
            return start
        }
        return nil
    }
}
