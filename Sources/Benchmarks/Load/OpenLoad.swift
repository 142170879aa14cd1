import CLinux
import Glibc

/// Sends requests at a rate of its own, whether they are answered or not: what arrives does not wait for what is slow.
struct OpenLoad {
    struct Result {
        var seconds = 0.0
        var answered = 0
        /// 503 with `Retry-After`.
        var refused = 0
        var others = 0
        /// Arrivals for which every connection still had a request under way.
        var unsent = 0
        /// Of those that were answered 200.
        var latencies = Latencies()
        var refusals = Latencies()

        var offered: Int { answered + refused + others + unsent }
    }

    private struct Connection {
        var socket: Int32
        var sentAt: Int64 = 0
        var received: [UInt8] = []
    }

    let port: Int
    let connections: Int

    func run(perSecond rate: Double, seconds: Double, body: (Int) -> String) throws -> Result {
        var connections = try (0..<connections).map { _ in Connection(socket: try Sockets.connect(port: port)) }
        defer { for connection in connections { close(connection.socket) } }
        let epoll = epoll_create1(0)
        defer { close(epoll) }
        for (index, connection) in connections.enumerated() {
            procession_epoll_add(epoll, connection.socket, procession_epoll_in, UInt64(index))
        }
        var free = Array(connections.indices)
        var result = Result()
        var arrived = 0
        let begun = microseconds()
        let end = begun + Int64(seconds * 1e6)
        var events = [epoll_event](repeating: epoll_event(), count: 256)
        while true {
            let now = microseconds()
            if now < end {
                let due = Int(Double(now - begun) / 1e6 * rate)
                while arrived < due {
                    arrived += 1
                    guard let index = free.popLast() else {
                        result.unsent += 1
                        continue
                    }
                    connections[index].sentAt = microseconds()
                    try Sockets.send(Requests.post("/events", body(arrived)), to: connections[index].socket)
                }
            } else if free.count == connections.count {
                break
            }
            let ready = epoll_wait(epoll, &events, 256, now < end ? 1 : 10_000)
            if ready == 0, now >= end { throw BenchmarkError("no answer for ten seconds") }
            for event in events.prefix(Int(max(0, ready))) {
                let index = Int(event.data.u64)
                if try receive(&connections[index], &result) { free.append(index) }
            }
        }
        result.seconds = Double(end - begun) / 1e6
        return result
    }

    /// True if the answer is complete.
    private func receive(_ connection: inout Connection, _ result: inout Result) throws -> Bool {
        guard try Sockets.receive(from: connection.socket, into: &connection.received) else {
            throw BenchmarkError("the service closed a connection")
        }
        guard let (answer, _) = Answer.read(connection.received[...]) else { return false }
        let took = microseconds() - connection.sentAt
        switch answer.status {
        case 200:
            result.answered += 1
            result.latencies.add(took)
        case 503:
            result.refused += 1
            result.refusals.add(took)
        default: result.others += 1
        }
        connection.received.removeAll(keepingCapacity: true)
        return true
    }
}
