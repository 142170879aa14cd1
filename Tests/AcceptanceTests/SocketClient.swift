import Engine
import Foundation
import Glibc
import JSON
import Procession

/// A blocking HTTP client on a plain socket, one connection per request: enough to be any client there is.
enum SocketClient {
    struct Failure: Error {
        let message: String
    }

    static func call(
        _ port: Int, _ method: String, _ target: String, _ body: [UInt8]?, contentType: String = "application/json",
        key: String? = nil, headers: [(name: String, value: String)] = []
    ) throws -> (status: Int, body: [UInt8]) {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw Failure(message: "socket: \(errno)") }
        defer { close(socket) }
        var limit = timeval(tv_sec: 70, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Failure(message: "connect: \(errno)") }
        var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost:\(port)\r\nConnection: close\r\n"
        for header in headers { head += "\(header.name): \(header.value)\r\n" }
        if let key { head += "Authorization: Bearer \(key)\r\n" }
        if let body {
            if !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
                head += "Content-Type: \(contentType)\r\n"
            }
            head += "Content-Length: \(body.count)\r\n"
        }
        let request = Array((head + "\r\n").utf8) + (body ?? [])
        var sent = 0
        while sent < request.count {
            let count = request[sent...].withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failure(message: "send: \(errno)") }
            sent += count
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count >= 0 else { throw Failure(message: "recv: \(errno)") }
            if count == 0 { break }
            answer += buffer[..<count]
        }
        guard let end = answer.indices.first(where: { answer[$0...].starts(with: Array("\r\n\r\n".utf8)) }),
            let status = Int(String(decoding: answer.dropFirst(9).prefix(3), as: UTF8.self))
        else { throw Failure(message: "no answer to \(method) \(target)") }
        return (status, Array(answer[(end + 4)...]))
    }
}

/// A service behind a real socket.
final class HTTPClient: ScenarioClient {
    private var service: ProcessionService
    private let configuration: ServiceConfiguration

    init(_ configuration: ServiceConfiguration) throws {
        self.configuration = configuration
        service = try ProcessionService(configuration)
    }

    deinit {
        service.stop(graceSeconds: 0)
    }

    var port: Int { service.port }

    func call(_ method: String, _ target: String, _ body: JSONValue?) throws -> (status: Int, body: JSONValue) {
        let (status, bytes) = try SocketClient.call(service.port, method, target, body?.bytes)
        return (status, try JSONValue(parsing: bytes, limits: JSONLimits(maximumDepth: 512)))
    }

    func call(
        _ method: String, _ target: String, _ body: JSONValue?, headers: [(name: String, value: String)]
    ) throws -> (status: Int, body: JSONValue) {
        let (status, bytes) = try SocketClient.call(service.port, method, target, body?.bytes, headers: headers)
        if bytes.isEmpty { return (status, .null) }
        let answer = try? JSONValue(parsing: bytes, limits: JSONLimits(maximumDepth: 512))
        return (status, answer ?? .string(String(decoding: bytes, as: UTF8.self)))
    }

    func restart() throws -> Bool {
        guard case .sqlite = configuration.store else { return false }
        service.stop(graceSeconds: 0)
        var again = configuration
        again.definitions = []
        service = try ProcessionService(again)
        return true
    }

    func verify() throws -> StoreVerifier.Report { try service.verify() }
}
