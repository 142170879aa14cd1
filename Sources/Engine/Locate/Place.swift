import Chrono
import EventSourcing
import ProcessManagement

/// What an event means for the processes of one definition.
enum Place {
    /// Nobody has the key: it starts a process.
    case start(any ManagedDefinition, LocationKey)
    case running(RowHandle)
    /// The last process with the key has ended, and nothing starts anew.
    case ended(RowHandle, isKept: Bool)
    case hold(LocationKey, until: Instant)
    case nowhere(UnmatchedEvent.Reason, definition: String?)
    /// Nobody has the key, and the definition wants to hear that loudly.
    case refused(definition: String, key: String)
}

extension InboxKey {
    init(_ incoming: IncomingEvent) {
        self.init(tenant: incoming.tenant, event: incoming.event)
    }

    init(tenant: String, event: Event) {
        self.init(tenant: tenant, id: event.id, from: event.source ?? "")
    }

    /// What processes published has one source here, whoever it was: its ids are unique, and nobody else can use the
    /// source.
    init(tenant: String, id: EventID, from source: String) {
        self.init(
            tenant: tenant, source: ReservedNames.isReserved(source: source) ? ReservedNames.ours : source, id: id)
    }
}
