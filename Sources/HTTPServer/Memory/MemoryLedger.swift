import Synchronization

/// How many bytes of one kind all may hold together, and each one of them.
///
/// There are two bounds: beyond half of what is allowed, whoever holds most is cut, or refused if it is the one who asks;
/// beyond all of it everything is refused. Between the two lies what is on its way to its connection.
public struct HTTPMemoryLimit: Sendable, Equatable {
    public var all: Int
    /// One caller.
    public var each: Int

    /// One caller may have half of it.
    public init(all: Int) {
        self.all = all
        each = all / 2
    }

    /// What is small is never in the way of what is large.
    static let small = 16_384
}

/// What all connections hold of one kind: requests, or answers. From any thread, without locks but when an account is
/// looked up.
final class MemoryLedger: Sendable {
    let limit: HTTPMemoryLimit
    private let held = Atomic<Int>(0)
    private let accounts = Mutex<[[UInt8]: Entry]>([:])

    /// An account lives as long as somebody refers to it.
    private struct Entry {
        weak var account: MemoryAccount?
    }

    init(_ limit: HTTPMemoryLimit) {
        self.limit = limit
    }

    /// The account of that name; made if there is none. Names are compared byte by byte.
    func account(_ name: String) -> MemoryAccount {
        let key = Array(name.utf8)
        return accounts.withLock { accounts in
            if let known = accounts[key]?.account { return known }
            let account = MemoryAccount(key, of: self)
            accounts[key] = Entry(account: account)
            return account
        }
    }

    fileprivate func forget(_ name: [UInt8]) {
        accounts.withLock { accounts in
            // Another one may have taken its place.
            if let entry = accounts[name], entry.account == nil { accounts[name] = nil }
        }
    }

    fileprivate func change(by bytes: Int) { held.add(bytes, ordering: .relaxed) }

    var bytes: Int { held.load(ordering: .relaxed) }
}

/// The ledgers of a server.
struct HTTPMemory: Sendable {
    /// From the first byte of a request until nobody needs it any more, by address.
    let requests: MemoryLedger
    /// From when an answer is given until the peer has taken it, by caller.
    let answers: MemoryLedger

    init(_ limits: HTTPLimits) {
        requests = MemoryLedger(limits.requestMemory)
        answers = MemoryLedger(limits.answerMemory)
    }
}

/// What one caller, or one address, holds.
final class MemoryAccount: Sendable {
    private let name: [UInt8]
    private let ledger: MemoryLedger
    private let held = Atomic<Int>(0)

    fileprivate init(_ name: [UInt8], of ledger: MemoryLedger) {
        self.name = name
        self.ledger = ledger
    }

    deinit { ledger.forget(name) }

    var bytes: Int { held.load(ordering: .relaxed) }

    func add(_ bytes: Int) {
        held.add(bytes, ordering: .relaxed)
        ledger.change(by: bytes)
    }

    func remove(_ bytes: Int) { add(-bytes) }

    /// With so much more, one of the bounds is passed.
    func isFull(for more: Int) -> Bool {
        bytes + more > ledger.limit.each || ledger.bytes + more > ledger.limit.all
    }

    /// With so much more, the account holds more than its half.
    func isAboveShare(with more: Int = 0) -> Bool { bytes + more > ledger.limit.each / 2 }

    /// With so much more, all hold more than their half.
    func areAllAboveShare(with more: Int = 0) -> Bool { ledger.bytes + more > ledger.limit.all / 2 }
}

/// So many bytes of an account. Whoever takes it gives it back.
struct MemoryCharge: Sendable {
    let account: MemoryAccount
    private(set) var bytes = 0

    init(_ account: MemoryAccount) {
        self.account = account
    }

    init(_ account: MemoryAccount, bytes: Int) {
        self.account = account
        account.add(bytes)
        self.bytes = bytes
    }

    mutating func set(_ count: Int) {
        guard count != bytes else { return }
        account.add(count - bytes)
        bytes = count
    }

    /// From now on somebody else pays.
    mutating func move(to other: MemoryAccount) {
        guard other !== account else { return }
        account.remove(bytes)
        self = MemoryCharge(other, bytes: bytes)
    }
}
