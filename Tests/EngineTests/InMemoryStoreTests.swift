import Engine
import ProcessStoreContract
import Testing

@Suite("InMemoryProcessStore")
struct InMemoryStoreTests {
    @Test("keeps the contract of the port", arguments: ProcessStoreContract.cases)
    func keepsTheContract(_ contractCase: ProcessStoreContract.Case) throws {
        try contractCase.run(makeStore: { InMemoryProcessStore() })
    }
}
