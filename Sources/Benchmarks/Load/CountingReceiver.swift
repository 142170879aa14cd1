import CLinux
import Engine
import Foundation
import Glibc
import Synchronization

/// Takes requests, answers 204 and counts: as little of a receiver as there can be, so that senders are what is measured.
final class CountingReceiver: Sendable {
    let port: Int
    private let listener: Int32
    private let state = Mutex(State())
    private let arrivals = Mailbox<Int64>(limit: .max)

    private struct State {
        var count = 0
        var first: [UInt8] = []
    }

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) + listen(listener, 512) + getsockname(listener, $0, &length)
            }
        }
        guard code == 0 else { throw BenchmarkError("no port for a receiver") }
        port = Int(in_port_t(bigEndian: address.sin_port))
        self.listener = listener
        Thread.detachNewThread { [self] in accept() }
    }

    /// The first request that came, head and body.
    var first: [UInt8] { state.withLock { $0.first } }

    /// Waits until so many requests came since the last call; the time of the last one's first bytes.
    func wait(for count: Int) -> Int64 {
        var left = count
        var taken: [Int64] = []
        while true {
            _ = arrivals.takeAll(into: &taken, until: nil)
            left -= taken.count
            if left <= 0 { return taken.last ?? 0 }
            taken.removeAll(keepingCapacity: true)
        }
    }

    private func accept() {
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            guard connection >= 0 else { return }
            var one: Int32 = 1
            setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
            Thread.detachNewThread { [self] in serve(connection) }
        }
    }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var bytes: [UInt8] = []
        var firstBytes: Int64 = 0
        while (try? Sockets.receive(from: connection, into: &bytes)) == true {
            if firstBytes == 0 { firstBytes = microseconds() }
            // A request has a head like an answer's.
            guard let (_, end) = Answer.read(bytes[...]) else { continue }
            state.withLock { state in
                if state.count == 0 { state.first = bytes }
                state.count += 1
            }
            _ = arrivals.put(firstBytes)
            bytes.removeFirst(end)
            firstBytes = 0
            guard (try? Sockets.send(Self.answer, to: connection)) != nil else { return }
        }
    }

    private static let answer = Array("HTTP/1.1 204 No Content\r\n\r\n".utf8)
}
