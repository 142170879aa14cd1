/// State that is the fold of one stream and nothing else.
public protocol Aggregate: Sendable {
    /// The state before the first event.
    init()

    /// Takes in the next event of the stream, whether recorded or only just emitted: so it is given the event without
    /// position and version, which the latter does not have yet.
    ///
    /// It decides nothing and refuses nothing that is well-formed: an event has happened. Types it does not know are to
    /// be passed over, so that older code reads newer streams.
    ///
    /// - Throws: `.unreadable` if the data cannot be read; the aggregate is then not used any further.
    mutating func apply(_ event: Event) throws(EventStoreError)
}
