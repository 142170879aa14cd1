import Access
import Chrono
import Engine
import EventSourcing
import Synchronization

/// A gate with a clock that stands still.
final class Door: Sendable {
    static let start = Instant(milliseconds: 1_800_000_000_000)

    private struct State {
        var now = Door.start
        var monotonic: Int64 = 0
        var count: UInt64 = 0
        var uses: [UniqueID] = []
        var rows: [AccessKeyRow] = []
    }

    private final class Box: Sendable {
        let state = Mutex(State())
    }

    private let box: Box
    let gate: Gatekeeper

    init(tokens: TokenVerifier? = nil) {
        let box = Box()
        self.box = box
        gate = Gatekeeper(
            keys: [], tokens: tokens,
            means: Gatekeeper.Means(
                now: { box.state.withLock { $0.now } },
                monotonicMilliseconds: { box.state.withLock { $0.monotonic } },
                random: { count in
                    let seed = box.state.withLock { state in
                        state.count += 1
                        return state.count
                    }
                    return (0..<count).map { UInt8(truncatingIfNeeded: seed &* 31 &+ UInt64($0)) }
                },
                makeID: { UniqueID(name: "key \(box.state.withLock { $0.count })") }))
        gate.onUse { id, _ in box.state.withLock { $0.uses.append(id) } }
    }

    var now: Instant { box.state.withLock { $0.now } }
    var uses: [UniqueID] { box.state.withLock { $0.uses } }

    func advance(_ span: TimeSpan) {
        box.state.withLock { state in
            state.now = state.now + span
            state.monotonic += span.milliseconds
        }
    }

    /// Makes a key and returns its secret.
    func add(
        _ name: String = "shop", scopes: Set<AccessScope> = [.read], tenant: String? = nil, expiresAt: Instant? = nil
    ) -> (secret: String, id: UniqueID) {
        let minted = gate.mintKey()
        change { rows in
            rows.append(
                AccessKeyRow(
                    id: minted.id, hash: minted.hash, name: name, tenant: tenant, scopes: scopes,
                    createdAt: Door.start, expiresAt: expiresAt))
        }
        return (minted.secret, minted.id)
    }

    func change(_ body: (inout [AccessKeyRow]) -> Void) {
        var rows = box.state.withLock { $0.rows }
        body(&rows)
        let changed = rows
        box.state.withLock { $0.rows = changed }
        gate.replaceKeys(changed)
    }

    func admit(_ secret: String, from address: String = "192.0.2.1") -> Admission {
        gate.admit(authorization: "Bearer \(secret)", from: address)
    }
}
