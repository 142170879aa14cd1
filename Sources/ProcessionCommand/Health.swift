import ArgumentParser
import Foundation
import Glibc
import Procession

struct Health: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a running service whether it is ready; exit status 0 if it is.")

    @Option(help: "Address and port on which the service listens.")
    var listen: String?

    func run() throws {
        let given = try Settings().given("listen", listen) ?? .init(name: "--listen", text: "127.0.0.1:7070")
        guard let place = ListenAddress(given.text) else {
            throw ValidationError("\(given.name) has to be <address>:<port>, not '\(given.text)'")
        }
        guard Self.isReady(place) else {
            print("not ready")
            throw ExitCode(1)
        }
        print("ready")
    }

    /// One request to where the service listens; over loopback if that is every address.
    private static func isReady(_ place: ListenAddress) -> Bool {
        guard let socket = connected(to: place) else { return false }
        defer { close(socket) }
        let request = Array("GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        guard send(socket, request, request.count, 0) == request.count else { return false }
        var answer: [UInt8] = []
        while answer.count < 12 {
            var buffer = [UInt8](repeating: 0, count: 64)
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { return false }
            answer += buffer[..<count]
        }
        return String(decoding: answer[9..<12], as: UTF8.self) == "200"
    }

    private static func connected(to place: ListenAddress) -> Int32? {
        let address =
            switch place.address {
            case "0.0.0.0", "localhost": "127.0.0.1"
            case "::": "::1"
            default: place.address
            }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address, "\(place.port)", &hints, &found) == 0, let found else { return nil }
        defer { freeaddrinfo(found) }
        let socket = Glibc.socket(found.pointee.ai_family, found.pointee.ai_socktype, 0)
        guard socket >= 0 else { return nil }
        var limit = timeval(tv_sec: 3, tv_usec: 0)
        // A send time-out bounds the connect, too (socket(7)).
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard connect(socket, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0 else {
            close(socket)
            return nil
        }
        return socket
    }
}
