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
