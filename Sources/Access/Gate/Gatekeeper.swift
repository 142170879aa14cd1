import Chrono
import Engine
import EventSourcing
import Synchronization

/// Lets in who shows an API key or a token of the trusted issuer. Without an issuer, and as long as there was never a
/// key, it lets everybody in.
///
/// A request costs a hash and a look into a table; the lock is held for as long as it takes to copy a reference. A
/// valid key is let in however many others failed from its address: nobody gains by guessing at 160 random bits, and
/// nobody behind the same proxy is locked out by it.
public final class Gatekeeper: AccessGate {
    /// What the gate has no means for itself.
    public struct Means: Sendable {
        /// Real time.
        public var now: @Sendable () -> Instant
        public var monotonicMilliseconds: @Sendable () -> Int64
        /// Random bytes fit for secrets.
        public var random: @Sendable (_ count: Int) -> [UInt8]
        public var makeID: @Sendable () -> UniqueID

        public init(
            now: @escaping @Sendable () -> Instant, monotonicMilliseconds: @escaping @Sendable () -> Int64,
            random: @escaping @Sendable (_ count: Int) -> [UInt8], makeID: @escaping @Sendable () -> UniqueID
        ) {
            self.now = now
            self.monotonicMilliseconds = monotonicMilliseconds
            self.random = random
            self.makeID = makeID
        }
    }

    /// How often the use of a key is stored, at most.
    public static let useInterval = TimeSpan.minutes(1)
    /// How many invalid credentials an address may show at once.
    public static let usualFailureLimit = 10

    /// In a structure: a closure that is itself the value of a `Mutex` is wrapped once more each time it is read there.
    private struct Hooks: Sendable {
        var use: (@Sendable (UniqueID, Instant) -> Void)?
    }

    private let means: Means
    private let tokens: TokenVerifier?
    private let directory: Mutex<KeyDirectory>
    private let failures: FailureLimiter
    private let hooks = Mutex(Hooks())
    private let isUnguarded: Atomic<Bool>

    /// - Parameter failureLimit: how many invalid credentials an address may show at once, then one every six seconds; 0
    ///   for any number.
    public init(keys: [AccessKeyRow], tokens: TokenVerifier? = nil, failureLimit: Int = usualFailureLimit, means: Means)
    {
        failures = FailureLimiter(limit: failureLimit)
        self.means = means
        self.tokens = tokens
        directory = Mutex(KeyDirectory(keys))
        isUnguarded = Atomic(keys.isEmpty && tokens == nil)
    }

    /// Where the use of keys is stored; called at most once a minute for each key, by a reactor.
    public func onUse(_ note: @escaping @Sendable (UniqueID, Instant) -> Void) {
        hooks.withLock { $0.use = note }
    }

    /// The keys as they are now, all of them.
    public func replaceKeys(_ keys: [AccessKeyRow]) {
        directory.withLock { $0 = KeyDirectory(keys, after: $0) }
        isUnguarded.store(keys.isEmpty && tokens == nil, ordering: .releasing)
    }

    // MARK: AccessGate

    public var isOpen: Bool { isUnguarded.load(ordering: .acquiring) }

    public func admit(authorization: String?, from address: String) -> Admission {
        if isOpen { return .admitted(.anybody) }
        guard let authorization, let shown = Self.bearer(authorization) else { return .missing }
        if KeyText.hasPrefix(shown) { return admit(key: shown, from: address) }
        return admit(token: shown, from: address)
    }

    public func stillAdmits(_ caller: Caller) -> Bool {
        if isOpen { return true }
        let now = means.now()
        if let id = caller.keyID {
            return directory.withLock { $0 }.entry(id)?.row.isUsable(at: now) ?? false
        }
        return caller.validUntil.map { now < $0 } ?? false
    }

    public func mintKey() -> MintedKey {
        let secret = KeyText.make(from: means.random(KeyText.randomCount))
        return MintedKey(id: means.makeID(), secret: secret, hash: KeyText.hash(of: secret))
    }

    // MARK: Credentials

    private func admit(key text: String, from address: String) -> Admission {
        let now = means.now()
        guard KeyText.isWellFormed(text),
            let entry = directory.withLock({ $0 }).entry(hash: KeyText.hash(of: text)), entry.row.isUsable(at: now)
        else { return failed(from: address) }
        if entry.isToBeNoted(at: now, interval: Self.useInterval) {
            hooks.withLock { $0.use }?(entry.row.id, now)
        }
        return .admitted(entry.caller)
    }

    private func admit(token: String, from address: String) -> Admission {
        guard let tokens else { return failed(from: address) }
        let now = means.now()
        if let caller = tokens.known(token, at: now) { return .admitted(caller) }
        // Checking a signature costs more than a request: whoever failed too often is not heard.
        if let wait = failures.wait(of: address, at: means.monotonicMilliseconds()) {
            return .tooManyFailures(retryAfter: wait)
        }
        guard let caller = tokens.verify(token, at: now) else { return failed(from: address) }
        return .admitted(caller)
    }

    private func failed(from address: String) -> Admission {
        guard let wait = failures.fail(from: address, at: means.monotonicMilliseconds()) else { return .invalid }
        return .tooManyFailures(retryAfter: wait)
    }

    /// The token of `Bearer <token>` (RFC 6750 section 2.1); the scheme in any case.
    private static func bearer(_ value: String) -> String? {
        let scheme = "bearer "
        guard value.utf8.count > scheme.utf8.count, value.prefix(scheme.count).lowercased() == scheme else {
            return nil
        }
        let token = value.dropFirst(scheme.count).drop { $0 == " " }
        return token.isEmpty ? nil : String(token)
    }
}
