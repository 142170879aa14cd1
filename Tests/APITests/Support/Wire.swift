import API
import Glibc
import HTTPServer

/// One connection to a server on this machine, read as it comes.
final class Wire {
    struct Failure: Error {
        let call: String
        let errno: Int32
    }

    private let socket: Int32
    /// Everything received so far.
    private(set) var received = ""
    private(set) var hasEnded = false

    /// `receiveBuffer`: how many bytes the kernel keeps for this end, about.
    init(port: Int, receiveBuffer: Int32? = nil) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw Failure(call: "socket", errno: errno) }
        if var receiveBuffer {
            setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        // A test that waits in vain fails instead of hanging.
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failure(call: "connect", errno: errno) }
    }

    deinit { close(socket) }

    func get(_ target: String, _ fields: [String] = []) throws {
        let lines = ["GET \(target) HTTP/1.1", "Host: localhost"] + fields
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        guard send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw Failure(call: "send", errno: errno)
        }
    }

    /// Receives until the text is there; false if the connection ends without it.
    @discardableResult
    func receive(until text: String) throws -> Bool {
        while !received.contains(text) {
            guard try receiveSome() else { return false }
        }
        return true
    }

    /// Receives until the peer closes, in order or by a reset.
    func receiveToEnd() throws {
        while try receiveSome() {}
    }

    private func receiveSome() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &buffer, buffer.count, 0)
        if count < 0, errno != ECONNRESET { throw Failure(call: "recv", errno: errno) }
        guard count > 0 else {
            hasEnded = true
            return false
        }
        received += String(decoding: buffer[..<count], as: UTF8.self)
        return true
    }
}

extension Desk {
    /// Serves the desk's API on a real socket while `body` runs; stops it in the order in which the service does.
    func listening(limits: HTTPLimits = HTTPLimits(), _ body: (HTTPServer) throws -> Void) throws {
        var limits = limits
        // Wires are often left open until after the stop, which would wait for their end.
        limits.lingerSeconds = 0.1
        let server = HTTPServer(options: HTTPServerOptions(limits: limits), handler: api)
        try server.start()
        api.readStatistics { server.statistics }
        defer {
            api.startDraining()
            server.stop(graceSeconds: 60)
        }
        try body(server)
    }
}
