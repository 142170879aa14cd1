import Chrono
import EventSourcing
import JSON

// Places in the global order that the store keeps for readers outside. A batch is leased: nobody else gets it until it is
// acknowledged or the lease ends, and then it is the next batch again.

extension ProcessEngine {
    func subscribe(_ request: SubscriptionRequest, at now: Instant) throws(EngineError) -> SubscriptionAnswer {
        switch request {
        case .put(let tenant, let name, let filter, let start, let condition):
            return try put(name, tenant, filter, from: start, if: condition, at: now)
        case .delete(let tenant, let name, let condition):
            let found = try subscription(name, tenant)
            try condition.check(found.entityTag)
            let store = store
            try stored { () throws(StoreError) in try store.deleteSubscription(found.handle) }
            return .deleted
        case .lease(let request): return try lease(request, at: now)
        case .acknowledge(let tenant, let name, let position, let token):
            return try acknowledge(position, of: try subscription(name, tenant), under: token, at: now)
        case .pass(let place, let position):
            guard var current = try unchanged(place, at: now), position > current.row.position else { return .moved }
            current.row.position = position
            try write(current)
            return .acknowledged(position: position, expiresAt: nil)
        }
    }

    private func put(
        _ name: String, _ tenant: String, _ filter: EventFilter, from start: SubscriptionStart,
        if condition: Precondition, at now: Instant
    ) throws(EngineError) -> SubscriptionAnswer {
        let store = store
        let found = try stored { () throws(StoreError) in try store.subscription(name, tenant: tenant) }
        try condition.check(found?.entityTag)
        let last = try stored { () throws(StoreError) in try store.lastPosition() }
        guard var known = found else {
            return try stored { () throws(StoreError) in
                let position: Int64 =
                    switch start {
                    case .start: 0
                    case .now: last
                    case .position(let position): position
                    }
                let row = SubscriptionRow(
                    tenant: tenant, name: name, filter: filter, position: position, createdAt: now, updatedAt: now)
                let made = StoredSubscription(handle: try store.insertSubscription(row), row: row)
                return .stored(made, .made, lastPosition: last)
            }
        }
        guard known.row.filter != filter else { return .stored(known, .none, lastPosition: last) }
        known.row.filter = filter
        known.row.revision += 1
        known.row.updatedAt = now
        // What was handed out was found by another filter.
        known.row.lease = nil
        try write(known)
        return .stored(known, .changed, lastPosition: last)
    }

    private func lease(_ request: BatchRequest, at now: Instant) throws(EngineError) -> SubscriptionAnswer {
        guard var current = try unchanged(request.place, at: now), !request.isGone() else { return .moved }
        current.row.position = max(current.row.position, request.from)
        current.row.leaseNumber += 1
        current.row.lease = SubscriptionRow.Lease(
            expiresAt: now + request.lease, length: request.lease, through: request.through)
        try write(current)
        return .leased(
            token: tokens.token(for: current.tokenID, lease: current.row.leaseNumber), expiresAt: now + request.lease)
    }

    private func acknowledge(
        _ position: Int64, of found: StoredSubscription, under token: String, at now: Instant
    ) throws(EngineError) -> SubscriptionAnswer {
        var current = found
        let number = tokens.lease(of: token, for: current.tokenID)
        let isNewest = number == current.row.leaseNumber
        guard isNewest, let lease = current.row.lease, lease.expiresAt > now else {
            // The repeat of an acknowledgement that ended the lease.
            if isNewest, current.row.lease == nil, position <= current.row.position {
                return .acknowledged(position: current.row.position, expiresAt: nil)
            }
            let detail =
                number == nil
                ? "this is not a token of '\(current.row.name)': send the one that came with the batch"
                : "the lease of the batch has ended: read again from \(current.row.position)"
            throw .problem(
                Problem(
                    .leaseLost, detail,
                    members: [
                        "position": .number(JSONNumber(current.row.position)),
                        "lease": .string((number == nil ? LostLease.unknown : .expired).rawValue),
                    ]))
        }
        guard position <= lease.through else {
            throw .problem(
                Problem(
                    .positionBeyondBatch, "the batch ends at \(lease.through), \(position) would skip events",
                    members: ["through": .number(JSONNumber(lease.through))]))
        }
        current.row.position = max(current.row.position, position)
        current.row.lease?.expiresAt = now + lease.length
        if position == lease.through { current.row.lease = nil }
        try write(current)
        return .acknowledged(position: current.row.position, expiresAt: current.row.lease?.expiresAt)
    }

    /// The lease is over: what it held is the next batch again, and those who wait for one are woken by the commit.
    func endLease(of subscription: StoredSubscription) throws(EngineError) {
        var ended = subscription
        ended.row.lease = nil
        try write(ended)
    }

    private func write(_ subscription: StoredSubscription) throws(EngineError) {
        let store = store
        try stored { () throws(StoreError) in try store.updateSubscription(subscription.handle, subscription.row) }
    }

    private func subscription(_ name: String, _ tenant: String) throws(EngineError) -> StoredSubscription {
        let store = store
        guard let found = try stored({ () throws(StoreError) in try store.subscription(name, tenant: tenant) }) else {
            throw .problem(Problem(.subscriptionNotFound, "there is no subscription '\(name)'"))
        }
        return found
    }

    /// The subscription, if it is as the reader saw it and no batch of it is under way.
    private func unchanged(_ place: SubscriptionPlace, at now: Instant) throws(EngineError) -> StoredSubscription? {
        let current = try subscription(place.name, place.tenant)
        guard current.entityTag == place.entityTag, current.row.position == place.position,
            current.row.lease.map({ $0.expiresAt <= now }) ?? true
        else { return nil }
        return current
    }
}

extension StoredSubscription {
    /// What its tokens are made for: the id of no task, as those are UUIDs of version 5.
    fileprivate var tokenID: UniqueID { UniqueID(high: 0x7375_6273_6372_6962, low: UInt64(bitPattern: handle)) }
}
