/// A reader's place in the global order of one tenant: a durable cursor as a value.
///
/// It reads at least once and skips nothing: what was not acknowledged is given again, by this value or by one restored
/// from its `position`, and the cursor moves over nothing that was not delivered or that the filter leaves out. To make
/// it durable, store `position` whenever it has moved.
public struct Subscription: Sendable, Equatable {
    public enum Start: Sendable, Hashable {
        /// With the first event of the store.
        case beginning
        /// With the first event behind this position.
        case position(Int64)
        /// With the first event recorded from now on.
        case now
    }

    public let name: String
    public let tenant: String
    public let filter: EventFilter
    /// Everything up to and including this position is done with.
    public private(set) var position: Int64
    /// How far the reader has been shown events: the last `next` of a page.
    private var delivered: Int64

    /// A new subscription.
    ///
    /// - Throws: `.unavailable`.
    public init(
        name: String, tenant: String, filter: EventFilter = EventFilter(), from start: Start,
        in store: some EventStore
    ) throws(EventStoreError) {
        let position =
            switch start {
            case .beginning: Int64(0)
            case .position(let position): position
            case .now: try store.position()
            }
        self.init(name: name, tenant: tenant, filter: filter, restoredAt: position)
    }

    /// A subscription that was stored at this position.
    public init(name: String, tenant: String, filter: EventFilter = EventFilter(), restoredAt position: Int64) {
        self.name = name
        self.tenant = tenant
        self.filter = filter
        self.position = max(0, position)
        delivered = self.position
    }

    /// Up to `limit` events behind `position`, at once: it waits for nothing to fill the page.
    ///
    /// Polling again without an acknowledgement gives the same events, and possibly newer ones. An empty page that moved
    /// needs no acknowledgement: the cursor has moved with it. It is the end once the cursor moves no more.
    public mutating func poll(_ store: some EventStore, limit: Int) throws(EventStoreError) -> EventPage {
        let page = try store.readAll(tenant: tenant, after: position, matching: filter, limit: limit)
        if page.events.isEmpty { position = max(position, page.next) }
        delivered = max(delivered, page.next)
        return page
    }

    /// The reader is done with everything up to `position`: that of an event it was given, or a page's `next`.
    ///
    /// One behind the cursor changes nothing. One beyond what this value has delivered is refused, with false, because
    /// it would skip events.
    public mutating func acknowledge(_ position: Int64) -> Bool {
        guard position <= delivered else { return false }
        self.position = max(self.position, position)
        return true
    }
}
