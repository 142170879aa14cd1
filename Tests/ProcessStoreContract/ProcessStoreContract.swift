import Engine
import Testing

/// What every `ProcessStore` has to do, as cases that a store's tests run as arguments of one test.
public enum ProcessStoreContract {
    public struct Case: Sendable, CustomTestStringConvertible {
        /// The behaviour that it checks.
        public let name: String
        private let body: @Sendable (StoreFixture) throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (StoreFixture) throws -> Void) {
            self.name = name
            self.body = body
        }

        public var testDescription: String { name }

        /// Runs the case on an empty store and closes it.
        ///
        /// - Parameter reopen: for a durable store: closes the one given and opens what it left behind. Without it, the
        ///   cases on what outlives a store check nothing.
        public func run(
            makeStore: @Sendable () throws -> any ProcessStore,
            reopen: (@Sendable (any ProcessStore) throws -> any ProcessStore)? = nil
        ) throws {
            let store = try makeStore()
            defer { store.close() }
            try body(StoreFixture(store: store, reopen: reopen))
        }
    }

    public static let cases: [Case] =
        transactions + inbox + processes + locations + runningVersions + streams + envelopes + claims + dueTasks
        + taskRows + timers + heldEvents + unmatchedEvents + smallTables + processLists + globalOrder + readers
        + webhooks + outbox + deliveries + accessKeys + subscriptions + requestKeys + retention + pages
}
