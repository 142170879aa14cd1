enum Formatting {
    static func format(_ template: String, _ values: CELList, _ cost: inout CELCost) throws(Fault) -> String { "" }
}
