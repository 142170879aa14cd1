/// What the engine knows of endpoints between transactions, and what the open one does about them.
struct OutgoingState {
    /// Endpoints by what they want; nil while it is not known.
    var index: WebhookIndex?
    /// Kept commands are still to be given to an endpoint.
    var hasBacklog = false
    /// How many commands were kept because no endpoint wanted them.
    var commandsKept = 0
    /// The open transaction made deliveries due, or changed endpoints.
    var changedDeliveries = false
    /// The open transaction changed endpoints.
    var changedEndpoints = false

    mutating func committed() {
        changedDeliveries = false
        changedEndpoints = false
    }

    /// What was known may have been of the transaction that is not.
    mutating func rolledBack() {
        index = nil
        hasBacklog = true
        changedDeliveries = false
        changedEndpoints = false
    }
}
