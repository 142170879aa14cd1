import Chrono
import Synchronization

@testable import Webhooks

/// A transport that may connect to this machine, for one test.
struct TransportFixture {
    let transport: WebhookTransport

    init(policy: AddressPolicy = AddressPolicy(allowsLoopback: true), requestLimit: Int = 1024) {
        var options = TransportOptions(policy: policy)
        options.requestLimit = requestLimit
        transport = WebhookTransport(options)
        precondition(transport.start(), "libcurl cannot be used")
    }

    func send(_ request: TransportRequest) async -> TransportResult {
        await withCheckedContinuation { continuation in
            let acceptance = transport.submit(request) { continuation.resume(returning: $0) }
            precondition(acceptance == .accepted, "the transport takes no request")
        }
    }

    /// One request after the other, each begun by the answer to the one before: on a busy machine a task may wait so long
    /// for its turn that libcurl drops an idle connection.
    func sendInTurn(_ url: String, count: Int) async -> [TransportResult] {
        let log = ResultLog()
        return await withCheckedContinuation { continuation in
            @Sendable func begin() {
                let request = TransportRequest(url: url, fields: [], body: [])
                let acceptance = transport.submit(request) { result in
                    log.add("", result)
                    let results = log.all
                    if results.count < count { begin() } else { continuation.resume(returning: results.map(\.result)) }
                }
                precondition(acceptance == .accepted, "the transport takes no request")
            }
            begin()
        }
    }

    func send(
        _ url: String, body: String = "{}", timeout: TimeSpan = .seconds(20),
        answer: TransportRequest.AnswerRule = .ofCommand
    ) async -> TransportResult {
        await send(
            TransportRequest(url: url, fields: [], body: Array(body.utf8), timeout: timeout, answer: answer))
    }
}

extension TransportResult {
    var answer: ReceiverAnswer? {
        if case .answered(let answer) = self { return answer }
        return nil
    }

    var failure: TransportFailure? {
        if case .failed(let failure) = self { return failure }
        return nil
    }
}

/// Results in the order in which they came.
final class ResultLog: Sendable {
    private let results = Mutex<[(name: String, result: TransportResult)]>([])

    func add(_ name: String, _ result: TransportResult) {
        results.withLock { $0.append((name, result)) }
    }

    var all: [(name: String, result: TransportResult)] { results.withLock { $0 } }
}
