import CLinux
import Glibc

/// The listening socket.
///
/// One for the whole server: with SO_REUSEPORT on several, a second server on the same port would start without an
/// error and take half of the connections.
struct Listener: Sendable {
    let descriptor: Int32
    let port: Int

    enum Accepted {
        case connection(Int32, address: String)
        case none
        /// No descriptor or memory is left: wait before trying again.
        case exhausted
    }

    init(address: String, port: Int) throws(HTTPServerError) {
        let numeric = address == "localhost" ? "127.0.0.1" : address
        guard (0...65_535).contains(port) else { throw .invalidAddress("\(address):\(port)") }
        var storage = sockaddr_storage()
        var length = socklen_t(0)
        if !Self.parse(numeric, UInt16(port), &storage, &length) { throw .invalidAddress("\(address):\(port)") }
        let descriptor = socket(
            Int32(storage.ss_family), Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system(call: "socket", errno: errno) }
        var one: Int32 = 1
        // A restarted server must not wait for the old one's connections to be forgotten.
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        let isBound = withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 }
        }
        guard isBound, listen(descriptor, 4_096) == 0 else {
            let code = errno
            close(descriptor)
            throw .cannotBind(address: address, port: port, errno: code)
        }
        self.descriptor = descriptor
        self.port = Self.boundPort(descriptor)
    }

    func accept() -> Accepted {
        var storage = sockaddr_storage()
        while true {
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let accepted = withUnsafeMutablePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    procession_accept4(
                        descriptor, $0, &length, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
                }
            }
            if accepted >= 0 {
                var one: Int32 = 1
                setsockopt(accepted, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
                return .connection(accepted, address: Self.text(of: &storage))
            }
            switch errno {
            case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENETUNREACH, EHOSTUNREACH: continue
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
            default: return .none
            }
        }
    }

    private static func parse(
        _ address: String, _ port: UInt16, _ storage: inout sockaddr_storage, _ length: inout socklen_t
    ) -> Bool {
        var four = sockaddr_in()
        if inet_pton(AF_INET, address, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: four, as: sockaddr_in.self) }
            return true
        }
        var six = sockaddr_in6()
        guard inet_pton(AF_INET6, address, &six.sin6_addr) == 1 else { return false }
        six.sin6_family = sa_family_t(AF_INET6)
        six.sin6_port = port.bigEndian
        length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: six, as: sockaddr_in6.self) }
        return true
    }

    private static func boundPort(_ descriptor: Int32) -> Int {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        _ = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        // The port lies at the same place in both families.
        let port = withUnsafeBytes(of: &storage) { $0.load(fromByteOffset: 2, as: UInt16.self) }
        return Int(UInt16(bigEndian: port))
    }

    private static func text(of storage: inout sockaddr_storage) -> String {
        let isFour = Int32(storage.ss_family) == AF_INET
        return withUnsafeBytes(of: &storage) { bytes in
            // The address follows port and, in IPv6, flow information.
            guard let base = bytes.baseAddress else { return "" }
            return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
                guard let start = buffer.baseAddress,
                    inet_ntop(
                        isFour ? AF_INET : AF_INET6, base + (isFour ? 4 : 8), start, socklen_t(INET6_ADDRSTRLEN)) != nil
                else { return "" }
                return String(cString: start)
            }
        }
    }
}
