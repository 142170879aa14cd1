import Engine
import JSON

extension BodyReader {
    static let outcomeMembers: Set<String> = [
        "lease_token", "outcome", "result", "code", "reason", "retryable", "retry_after",
    ]

    /// How an attempt ended, in a worker's words.
    func outcome() throws(HTTPProblem) -> OutcomeRequest.Outcome {
        guard let word = try self.word("outcome", among: OutcomeWord.allCases) else {
            throw fault("outcome", "'outcome' is required: completed, failed or cancelled")
        }
        switch word {
        case .completed:
            try refuse(["code", "reason", "retryable", "retry_after"], of: "completed")
            return .completed(result: view["result"] ?? .null)
        case .failed:
            try refuse(["result"], of: "failed")
            let retryable = try bool("retryable") ?? true
            return .failed(
                code: try identifier("code"), reason: try string("reason"), retryable: retryable,
                retryAfter: try timeSpan("retry_after"))
        case .cancelled:
            try refuse(["result", "code", "retryable", "retry_after"], of: "cancelled")
            // Nothing is done with it, but it has to be one.
            _ = try optionalString("reason")
            return .cancelled
        }
    }

    private enum OutcomeWord: String, CaseIterable {
        case completed
        case failed
        case cancelled
    }

    private func refuse(_ names: [String], of outcome: String) throws(HTTPProblem) {
        for name in names where optional(name) != nil {
            throw fault(name, "'\(name)' does not belong to the outcome \(outcome)")
        }
    }
}
