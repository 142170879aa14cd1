import Engine
import EventSourcing
import ProcessManagement

// What operators did is shown to who asks for just that, and may.

extension EventFilter {
    private static let scopes: [String: AccessScope] = [
        StreamID.auditCategory: .admin, StreamID.webhookCategory: .operate,
    ]

    /// The same without what operators did, unless it is asked for.
    var withoutOperators: EventFilter {
        var filter = self
        filter.hidden = Self.scopes.keys.sorted()
        return filter
    }

    func checkCategory(for caller: Caller) throws(HTTPProblem) {
        guard let category, let scope = Self.scopes[category] else { return }
        guard caller.scopes.allows(scope) else { throw .forbidden(scope) }
    }
}
