import Chrono
import EventSourcing
import ProcessManagement

/// What an event means for the processes of one definition.
enum Place {
    /// Nobody has the key: it starts a process.
    case start(any ManagedDefinition, LocationKey)
    case running(RowHandle)
    /// The last process with the key has ended, and nothing starts anew.
    case ended(RowHandle)
    case hold(LocationKey, until: Instant)
    case nowhere(UnmatchedEvent.Reason, definition: String?)
    /// Nobody has the key, and the definition wants to hear that loudly.
    case refused(definition: String, key: String)
}

extension InboxKey {
    init(_ incoming: IncomingEvent) {
        self.init(
            tenant: incoming.tenant, source: incoming.event.source ?? "", id: incoming.event.id.description)
    }
}
