import Chrono
import Engine
import Glibc
import HTTPServer
import Synchronization

/// The log: one line an event, written by a thread of its own.
///
/// Nobody who logs ever waits for who reads: lines queue up to a limit, and what does not fit is dropped and counted.
/// Lines are in the order in which they came.
public final class ServiceLog: Sendable {
    public enum Format: String, Sendable, CaseIterable {
        case text
        case json
    }

    public enum Level: String, Sendable {
        case info
        case warning
        case error
    }

    private static let longestPath = 512

    private let format: Format
    private let descriptor: Int32
    private let queue: Mailbox<LogLine>
    private let ended = Mailbox<Void>(limit: 1)
    private let dropped = Atomic<Int>(0)

    /// Writes to the descriptor, which stays open; to standard output without.
    public init(format: Format, descriptor: Int32 = STDOUT_FILENO, limit: Int = 10_000) {
        self.format = format
        self.descriptor = descriptor
        queue = Mailbox(limit: limit)
        // Never joined: a reader that takes nothing must not keep the service from ending.
        _ = OSThread(name: "log") { [self] in run() }
    }

    public func write(_ level: Level, _ message: String, _ fields: KeyValuePairs<String, String> = [:]) {
        put(.event(at: Self.now, level, message, fields.map { (name: $0.key, value: $0.value) }))
    }

    /// The line of an answered request.
    public func write(_ exchange: HTTPExchange) {
        var exchange = exchange
        if exchange.path.utf8.count > Self.longestPath {
            exchange.path = String(decoding: exchange.path.utf8.prefix(Self.longestPath), as: UTF8.self) + "…"
        }
        put(.request(at: Self.now, exchange))
    }

    /// Lines that nobody took in time, since the start.
    public var droppedLines: Int { dropped.load(ordering: .relaxed) }

    /// Takes no more lines and returns when all are written, or after that time.
    public func close(withinSeconds seconds: Double = 2) {
        queue.close()
        var taken: [Void] = []
        _ = ended.takeAll(into: &taken, until: SystemClock.monotonicMicroseconds() + Int64(seconds * 1e6))
    }

    private static var now: Instant { Instant(milliseconds: SystemClock.wallMilliseconds()) }

    private func put(_ line: LogLine) {
        if case .full = queue.put(line) { dropped.add(1, ordering: .relaxed) }
    }

    // MARK: On the log's thread

    private func run() {
        var lines: [LogLine] = []
        var bytes: [UInt8] = []
        var reported = 0
        while queue.takeAll(into: &lines, until: nil) {
            for line in lines { line.write(as: format, to: &bytes) }
            lines.removeAll(keepingCapacity: true)
            let dropped = droppedLines
            if dropped > reported {
                let fields = [(name: "lines", value: "\(dropped - reported)")]
                LogLine.event(at: Self.now, .warning, "lines of the log were dropped", fields)
                    .write(as: format, to: &bytes)
                reported = dropped
            }
            send(bytes)
            bytes.removeAll(keepingCapacity: true)
        }
        _ = ended.put(())
    }

    private func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // Nobody reads any more.
            if count <= 0 { return }
            sent += count
        }
    }
}
