import Engine
import EventSourcing

/// The columns `type, id, source, time, correlation, causation, traceparent, extensions, observed, data`, which every
/// table of events ends with.
extension Statement {
    /// Binds all of them and runs the insert.
    mutating func run(_ event: Event, type: Int64) throws(StoreError) {
        bind(type)
        bind(event.id)
        bind(event.source)
        bind(event.time)
        bindID(event.correlationID)
        bindID(event.causationID)
        bind(event.traceparent)
        bind(event.extensions)
        bind(event.observed)
        try run(borrowing: event.data)
    }

    /// Reads them, the first one from `column`.
    func event(_ column: Int32, _ names: Names) throws(StoreError) -> Event {
        Event(
            id: try eventID(column + 1), type: try names.text(int64(column)), source: optionalText(column + 2),
            time: optionalText(column + 3), data: try json(column + 9), correlationID: try optionalID(column + 4),
            causationID: try optionalID(column + 5), traceparent: optionalText(column + 6),
            extensions: try optionalJSON(column + 7), observed: try optionalJSON(column + 8))
    }
}
