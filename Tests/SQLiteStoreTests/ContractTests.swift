import Engine
import EventSourcing
import EventStoreContract
import ProcessStoreContract
import SQLiteStore
import Testing

@Suite("SQLite: the contracts")
struct ContractTests {
    @Test("the store keeps the contract of the engine's port", arguments: ProcessStoreContract.cases)
    func processStore(_ rule: ProcessStoreContract.Case) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file()
        try rule.run(
            makeStore: { try SQLiteStore(path: path) },
            reopen: { store in
                store.close()
                return try SQLiteStore(path: path)
            })
        // Kept until here: the directory goes with its last use.
        withExtendedLifetime(directory) {}
    }

    @Test("the event store keeps the contract of event stores", arguments: EventStoreContract<SQLiteEventStore>.all)
    func eventStore(_ rule: EventStoreContract<SQLiteEventStore>.Rule) throws {
        let directory = try TemporaryDirectory()
        try rule.run(
            EventStoreContract { try SQLiteEventStore(path: directory.file("\(UInt64.random(in: 0 ... .max)).db")) })
    }
}
