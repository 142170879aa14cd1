import CLinux
import Glibc

/// What one connection does: says what to send, and is told what came back.
///
/// One request is under way at a time. A nil request ends the connection's part.
protocol Client {
    mutating func next() -> [UInt8]?
    mutating func received(_ answer: Answer) throws
}

/// Drives connections from one thread, so that on two cores the service keeps the other one.
struct LoadGenerator<C: Client> {
    struct Result {
        var requests = 0
        var seconds = 0.0
        var latencies = Latencies()
        var clients: [C] = []

        var perSecond: Double { Double(requests) / seconds }
    }

    private struct Connection {
        var socket: Int32
        var client: C
        var sentAt: Int64 = 0
        var received: [UInt8] = []
        var isDone = false
    }

    let port: Int

    /// Runs until every client has ended, or for so long; answers to what is under way then are awaited and counted.
    func run(_ clients: [C], seconds: Double = .infinity) throws -> Result {
        var connections = try clients.map { Connection(socket: try Sockets.connect(port: port), client: $0) }
        defer { for connection in connections { close(connection.socket) } }
        let epoll = epoll_create1(0)
        defer { close(epoll) }
        for (index, connection) in connections.enumerated() {
            procession_epoll_add(epoll, connection.socket, procession_epoll_in, UInt64(index))
        }
        var result = Result()
        let begun = microseconds()
        let end = seconds.isFinite ? begun + Int64(seconds * 1e6) : .max
        var open = connections.count
        for index in connections.indices { open -= try send(&connections[index], until: end) ? 0 : 1 }
        var events = [epoll_event](repeating: epoll_event(), count: 256)
        while open > 0 {
            let ready = epoll_wait(epoll, &events, 256, 10_000)
            if ready == 0 { throw BenchmarkError("no answer for ten seconds") }
            for event in events.prefix(Int(max(0, ready))) {
                let index = Int(event.data.u64)
                guard let answer = try receive(&connections[index]) else { continue }
                result.latencies.add(microseconds() - connections[index].sentAt)
                result.requests += 1
                try connections[index].client.received(answer)
                if try !send(&connections[index], until: end) { open -= 1 }
            }
        }
        result.seconds = Double(microseconds() - begun) / 1e6
        result.clients = connections.map(\.client)
        return result
    }

    /// False if the connection has nothing more to say.
    private func send(_ connection: inout Connection, until end: Int64) throws -> Bool {
        connection.sentAt = microseconds()
        guard connection.sentAt < end, let request = connection.client.next() else {
            connection.isDone = true
            return false
        }
        try Sockets.send(request, to: connection.socket)
        return true
    }

    private func receive(_ connection: inout Connection) throws -> Answer? {
        guard try Sockets.receive(from: connection.socket, into: &connection.received) else {
            if connection.isDone { return nil }
            throw BenchmarkError("the service closed a connection")
        }
        guard let (answer, end) = Answer.read(connection.received[...]) else { return nil }
        guard end == connection.received.count else { throw BenchmarkError("an answer to nothing") }
        defer { connection.received.removeAll(keepingCapacity: true) }
        return answer
    }
}

struct BenchmarkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Of the monotonic clock.
func microseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
}
