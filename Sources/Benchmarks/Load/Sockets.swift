import CLinux
import Glibc

/// Blocking sockets to the loopback address.
enum Sockets {
    static func connect(port: Int) throws -> Int32 {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw BenchmarkError("cannot connect: \(String(cString: strerror(errno)))") }
        var one: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        return socket
    }

    static func send(_ bytes: [UInt8], to socket: Int32) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw BenchmarkError("cannot send: \(String(cString: strerror(errno)))") }
            sent += count
        }
    }

    /// Appends what is there, waiting for at least one byte; false at the end of the stream.
    static func receive(from socket: Int32, into bytes: inout [UInt8]) throws -> Bool {
        let count = withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { buffer in
            let count = recv(socket, buffer.baseAddress, buffer.count, 0)
            if count > 0 { bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
            return count
        }
        guard count >= 0 else { throw BenchmarkError("cannot receive: \(String(cString: strerror(errno)))") }
        return count > 0
    }

    /// One request on a connection of its own.
    static func ask(_ request: [UInt8], port: Int) throws -> Answer {
        let socket = try connect(port: port)
        defer { close(socket) }
        try send(request, to: socket)
        var bytes: [UInt8] = []
        while try receive(from: socket, into: &bytes) {
            if let (answer, _) = Answer.read(bytes[...]) { return answer }
        }
        throw BenchmarkError("the service closed the connection")
    }
}
