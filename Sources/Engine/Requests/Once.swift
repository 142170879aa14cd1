import Chrono

extension ProcessEngine {
    /// A repeat is answered as the first time. A refusal changed nothing and is not remembered: the same key may be tried
    /// again.
    func once(_ once: OnceRequest, at now: Instant) throws(EngineError) -> EngineAnswer {
        let store = store
        let known = try stored { () throws(StoreError) in try store.requestKey(once.key, tenant: once.tenant) }
        if let known {
            guard known.fingerprint == once.fingerprint else {
                throw .problem(
                    Problem(.idempotencyKeyReused, "'\(once.key)' named another request at \(known.createdAt.rfc3339)"))
            }
            if let answer = known.answer { return .repeated(answer) }
            return try answer(once.request, at: now)
        }
        let answer = try answer(once.request, at: now)
        if answer.isRefusal { return answer }
        let row = RequestKeyRow(
            tenant: once.tenant, key: once.key, fingerprint: once.fingerprint, answer: once.remember(answer),
            createdAt: now)
        try stored { () throws(StoreError) in try store.insertRequestKey(row) }
        return answer
    }
}

extension EngineAnswer {
    /// Nothing of what was asked was done.
    fileprivate var isRefusal: Bool {
        switch self {
        case .problem: true
        case .outcomes(let results): results.allSatisfy(\.isFailure)
        case .migrated(let results): !results.isEmpty && results.allSatisfy(\.isFailure)
        case .posted(let results): results.allSatisfy(\.isFailure)
        default: false
        }
    }
}

extension Result {
    fileprivate var isFailure: Bool { if case .failure = self { true } else { false } }
}
