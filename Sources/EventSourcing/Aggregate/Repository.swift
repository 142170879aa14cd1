import Chrono

/// Loads and saves the aggregates of one category and tenant.
///
/// Concurrent writers are noticed, never merged: a save on an outdated version is a `.conflict`, and the command has to
/// be decided again on what is there now.
public struct Repository<Root: Aggregate>: Sendable {
    /// The category of the aggregates' streams; nil for none.
    public let category: String?
    public let tenant: String

    public init(category: String? = nil, tenant: String) {
        self.category = category
        self.tenant = tenant
    }

    /// The aggregate with this id, folded from its whole stream; a new one if there is no such stream.
    public func load(
        _ id: UniqueID, from store: some EventStore, context: EventContext = EventContext()
    ) throws(EventStoreError) -> AggregateInstance<Root> {
        var instance = AggregateInstance<Root>(stream: StreamID(category: category, id: id), context: context)
        let pageSize = 500
        var page: [RecordedEvent]
        repeat {
            page = try store.read(
                instance.stream, tenant: tenant, from: instance.storedVersion + 1, limit: pageSize)
            for recorded in page { try instance.replay(recorded) }
        } while page.count == pageSize
        return instance
    }

    /// Stores what is pending, all or nothing, behind the version that was loaded. Nothing pending: nothing is done, and
    /// no stream comes into being.
    ///
    /// Afterwards nothing is pending. If the stream held the very same events already (the command was a repeat), the
    /// instance is as stored, folded anew.
    ///
    /// - Throws: what `append` throws; the instance and its pending events are unchanged then.
    public func save(
        _ instance: inout AggregateInstance<Root>, to store: inout some EventStore, at now: Instant
    ) throws(EventStoreError) {
        guard !instance.pending.isEmpty else { return }
        let receipt = try store.append(
            instance.pending, to: instance.stream, tenant: tenant,
            expected: instance.isNew ? .none : .exact(instance.storedVersion), at: now)
        if receipt.duplicate {
            instance = try load(instance.stream.id, from: store, context: instance.context)
        } else {
            instance.markStored(at: now)
        }
    }

    /// Loads, lets `change` emit, saves.
    ///
    /// An error of `change` stores nothing. A conflict is not tried again here: whether the command still makes sense is
    /// the caller's to say.
    public func update<Result, Refusal: Error>(
        _ id: UniqueID, in store: inout some EventStore, context: EventContext = EventContext(), at now: Instant,
        _ change: (inout AggregateInstance<Root>) throws(Refusal) -> Result
    ) throws(UpdateError<Refusal>) -> Result {
        var instance: AggregateInstance<Root>
        do throws(EventStoreError) {
            instance = try load(id, from: store, context: context)
        } catch {
            throw .store(error)
        }
        let result: Result
        do throws(Refusal) {
            result = try change(&instance)
        } catch {
            throw .refused(error)
        }
        do throws(EventStoreError) {
            try save(&instance, to: &store, at: now)
        } catch {
            throw .store(error)
        }
        return result
    }
}

/// Why an update stored nothing.
public enum UpdateError<Refusal: Error>: Error {
    /// The change itself threw.
    case refused(Refusal)
    /// The store could not load or save.
    case store(EventStoreError)
}

extension UpdateError: Equatable where Refusal: Equatable {}
