import Engine
import Glibc
import Synchronization

/// A receiver that does what a test tells it, also what no decent server does. One thread for each connection.
final class ScriptedServer: Sendable {
    struct Request: Sendable {
        var line: String
        var fields: [(name: String, value: String)]
        var body: [UInt8]

        /// The values of a header, by its lower-case name.
        subscript(_ name: String) -> [String] {
            fields.filter { $0.name.lowercased() == name }.map(\.value)
        }
    }

    enum Reaction: Sendable {
        /// Sends as it is and reads the next request.
        case send(String)
        case sendAndClose(String)
        /// Sends the head, then zeros until all are sent or the peer goes.
        case flood(head: String, bytes: Int)
        /// Nothing at all until the peer goes.
        case hang
        case reset
    }

    let port: UInt16
    private let listener: Int32
    private let script: @Sendable (Request) -> Reaction
    private let state = Mutex(State())
    private let acceptor = Mutex<OSThread?>(nil)

    private struct State {
        var requests: [Request] = []
        var connections: [Int32] = []
        var threads: [OSThread] = []
        var floodedBytes = 0
        var isOpen = true
    }

    init(_ script: @escaping @Sendable (Request) -> Reaction) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isReady = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 512) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        precondition(isReady, "no port for a test server")
        self.script = script
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        let thread = OSThread(name: "scripted") { [self] in accept() }
        acceptor.withLock { $0 = thread }
    }

    static func answer(_ status: String, _ body: String = "", fields: String = "") -> Reaction {
        .send("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)")
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { state.withLock { $0.requests } }
    var connectionCount: Int { state.withLock { $0.connections.count } }
    var floodedBytes: Int { state.withLock { $0.floodedBytes } }

    func stop() {
        let threads = state.withLock { state in
            state.isOpen = false
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
            return state.threads
        }
        shutdown(listener, Int32(SHUT_RDWR))
        acceptor.withLock { $0?.join() }
        for thread in threads { thread.join() }
        state.withLock { state in
            for connection in state.connections { close(connection) }
        }
        close(listener)
    }

    private func accept() {
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            guard connection >= 0 else { return }
            state.withLock { state in
                state.connections.append(connection)
                guard state.isOpen else { return }
                state.threads.append(OSThread(name: "scripted") { [self] in serve(connection) })
            }
        }
    }

    private func serve(_ connection: Int32) {
        var buffer: [UInt8] = []
        while let request = read(connection, &buffer) {
            state.withLock { $0.requests.append(request) }
            switch script(request) {
            case .send(let text): send(connection, Array(text.utf8))
            case .sendAndClose(let text):
                send(connection, Array(text.utf8))
                shutdown(connection, Int32(SHUT_RDWR))
                return
            case .flood(let head, let bytes):
                send(connection, Array(head.utf8))
                flood(connection, bytes)
            case .hang:
                var byte: UInt8 = 0
                while recv(connection, &byte, 1, 0) > 0 {}
                return
            case .reset:
                // Nothing is lingered for, so the peer sees a reset.
                var option = linger(l_onoff: 1, l_linger: 0)
                setsockopt(connection, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
                state.withLock { state in
                    state.connections.removeAll { $0 == connection }
                    close(connection)
                }
                return
            }
        }
    }

    private func flood(_ connection: Int32, _ bytes: Int) {
        let part = [UInt8](repeating: 0x30, count: 16_384)
        var left = bytes
        while left > 0 {
            let count = Glibc.send(connection, part, min(left, part.count), Int32(MSG_NOSIGNAL))
            guard count > 0 else { return }
            left -= count
            state.withLock { $0.floodedBytes += count }
        }
    }

    private func send(_ connection: Int32, _ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private func read(_ connection: Int32, _ buffer: inout [UInt8]) -> Request? {
        var scratch = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let request = Self.takeRequest(&buffer) { return request }
            let count = recv(connection, &scratch, scratch.count, 0)
            guard count > 0 else { return nil }
            buffer.append(contentsOf: scratch[..<count])
        }
    }

    private static func takeRequest(_ buffer: inout [UInt8]) -> Request? {
        guard let end = buffer.firstRange(of: [13, 10, 13, 10]) else { return nil }
        let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n").map(String.init)
        let fields = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: String(parts[0]), value: String(parts.dropFirst().first?.drop { $0 == " " } ?? ""))
        }
        let length = fields.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
        guard buffer.count >= end.upperBound + length else { return nil }
        let request = Request(
            line: lines.first ?? "", fields: fields, body: Array(buffer[end.upperBound..<end.upperBound + length]))
        buffer.removeFirst(end.upperBound + length)
        return request
    }
}
