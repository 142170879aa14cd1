struct Pattern: Sendable {
    init(_ text: String) throws(Fault) {}
    init(_ text: String, _ cost: inout CELCost) throws(Fault) {}
    func matches(_ text: String, _ cost: inout CELCost) throws(Fault) -> Bool { throw Fault(.badPattern, "stub") }
}
