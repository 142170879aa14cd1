import Engine
import Synchronization

/// Where the readers of feeds wait for commits.
///
/// However many wait, a commit costs the engine one lock, and one wake-up of the desk's own thread if somebody waits
/// who does not know of news yet. That thread also keeps the time-outs, and sleeps while nothing is due. Looks at the
/// store are taken together in sweeps, one at a time, on a thread of the reader pool; after each sweep there is a rest
/// as long as it took, so that other queries always have room.
final class FeedDesk: Sendable {
    /// For a reader that has not looked at what is committed.
    static let unseen: Int64 = -1
    private static let sliceMicroseconds: Int64 = 5_000
    private static let leastRestMicroseconds: Int64 = 2_000

    fileprivate struct Waiter: Sendable {
        let number: Int64
        let follower: any FeedFollower
        /// Monotonic microseconds.
        var deadline: Int64
        /// How many commits there were before its last look.
        var seen: Int64
        var isPaused = false
        /// Orders the looks: whoever had none for the longest time is first.
        var turn: Int64
    }

    fileprivate struct State: Sendable {
        /// Those whose time is over first stand first.
        var waiting: [Waiter] = []
        var lastNumber: Int64 = 0
        var lastTurn: Int64 = 0
        var commits: Int64 = 0
        /// The thread knows that there is something to look at.
        var isNewsKnown = false
        var isSweeping = false
        var restsUntil: Int64 = 0
        var isClosed = false
    }

    enum Admission: Sendable, Equatable {
        case waiting(Int64)
        case full
        case closed
    }

    private let state = Mutex(State())
    private let bell = Mailbox<Void>(limit: 1)
    private let thread = Mutex<OSThread?>(nil)
    private let readers: ReaderPool
    private let capacity: Int

    init(readers: ReaderPool, capacity: Int) {
        self.readers = readers
        self.capacity = capacity
        let started = OSThread(name: "feeds") { [self] in run() }
        thread.withLock { $0 = started }
    }

    /// How many commits there were: to be asked before a look whose reader then comes to wait.
    var commits: Int64 { state.withLock { $0.commits } }
    var count: Int { state.withLock { $0.waiting.count } }
    var hasRoom: Bool { count < capacity }

    /// Something was committed.
    func committed() {
        let isNews = state.withLock { state in
            state.commits += 1
            guard !state.waiting.isEmpty, !state.isNewsKnown else { return false }
            state.isNewsKnown = true
            return true
        }
        if isNews { ring() }
    }

    /// Waits until `deadline` in monotonic microseconds. `seen` is the count of commits before its last look, or
    /// `unseen`.
    func add(_ follower: any FeedFollower, until deadline: Int64, seen: Int64) -> Admission {
        let admission: Admission = state.withLock { state in
            if state.isClosed { return .closed }
            if state.waiting.count >= capacity { return .full }
            state.lastNumber += 1
            state.lastTurn += 1
            state.insert(
                Waiter(
                    number: state.lastNumber, follower: follower, deadline: deadline, seen: seen, turn: state.lastTurn))
            return .waiting(state.lastNumber)
        }
        if case .waiting = admission { ring() }
        return admission
    }

    /// Nothing happens if it waits no more.
    func remove(_ number: Int64) {
        // The follower is released outside of the lock.
        let removed = state.withLock { $0.remove(number) }
        _ = removed
    }

    /// Ends all waits. Nobody waits here afterwards.
    func close() {
        state.withLock { $0.isClosed = true }
        bell.close()
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        thread?.join()
    }

    private func ring() {
        _ = bell.put(())
    }

    // MARK: On the desk's thread

    private func run() {
        var rings: [Void] = []
        while bell.takeAll(into: &rings, until: state.withLock { $0.nextTime }) {
            rings.removeAll(keepingCapacity: true)
            let now = SystemClock.monotonicMicroseconds()
            endWaits(at: now)
            if state.withLock({ $0.beginsSweep(at: now) }) {
                // A stopped pool takes nothing; then nobody reads any more.
                _ = readers.submit(beyondLimit: true) { [self] in sweep(with: $0) }
            }
        }
        let rest = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiter in rest { waiter.follower.end() }
    }

    private func endWaits(at now: Int64) {
        let over = state.withLock { $0.waiting.prefix { $0.deadline <= now } }
        for waiter in over {
            if let next = waiter.follower.timeIsUp(at: now) {
                state.withLock { $0.move(waiter.number, to: max(next, now + 1)) }
            } else {
                remove(waiter.number)
            }
        }
    }

    // MARK: On a reader's thread

    private func sweep(with reader: any ProcessReader) {
        let begun = SystemClock.monotonicMicroseconds()
        let (due, commits) = state.withLock { ($0.due, $0.commits) }
        var ended = begun
        for waiter in due {
            settle(waiter, waiter.follower.look(with: reader), seen: commits)
            ended = SystemClock.monotonicMicroseconds()
            if ended - begun >= Self.sliceMicroseconds { break }
        }
        let rest = max(Self.leastRestMicroseconds, ended - begun)
        state.withLock { state in
            state.isSweeping = false
            state.restsUntil = ended + rest
        }
        ring()
    }

    private func settle(_ waiter: Waiter, _ step: FeedStep, seen: Int64) {
        switch step {
        case .rest: state.withLock { $0.looked(waiter.number, seen: seen) }
        case .goOn: state.withLock { $0.looked(waiter.number, seen: Self.unseen) }
        case .pause:
            state.withLock { $0.looked(waiter.number, seen: Self.unseen, pauses: true) }
            waiter.follower.whenReady { [self] in resume(waiter.number) }
        case .done: remove(waiter.number)
        }
    }

    private func resume(_ number: Int64) {
        state.withLock { state in
            if let index = state.index(of: number) { state.waiting[index].isPaused = false }
        }
        ring()
    }
}

extension FeedDesk.State {
    /// Who has something to look at, in the order in which they look.
    fileprivate var due: [FeedDesk.Waiter] {
        waiting.filter { isDue($0) }.sorted { $0.turn < $1.turn }
    }

    private func isDue(_ waiter: FeedDesk.Waiter) -> Bool { waiter.seen != commits && !waiter.isPaused }

    /// When the thread has something to do next; nil while it may sleep.
    fileprivate var nextTime: Int64? {
        var next = waiting.first?.deadline
        if !isSweeping, waiting.contains(where: isDue) { next = min(next ?? restsUntil, restsUntil) }
        return next
    }

    fileprivate mutating func beginsSweep(at now: Int64) -> Bool {
        if isSweeping { return false }
        guard waiting.contains(where: isDue) else {
            isNewsKnown = false
            return false
        }
        guard restsUntil <= now else { return false }
        isNewsKnown = false
        isSweeping = true
        return true
    }

    fileprivate mutating func insert(_ waiter: FeedDesk.Waiter) {
        var (low, high) = (0, waiting.count)
        while low < high {
            let middle = (low + high) / 2
            if waiting[middle].deadline <= waiter.deadline { low = middle + 1 } else { high = middle }
        }
        waiting.insert(waiter, at: low)
    }

    fileprivate func index(of number: Int64) -> Int? { waiting.firstIndex { $0.number == number } }

    fileprivate mutating func remove(_ number: Int64) -> FeedDesk.Waiter? {
        index(of: number).map { waiting.remove(at: $0) }
    }

    fileprivate mutating func move(_ number: Int64, to deadline: Int64) {
        guard var waiter = remove(number) else { return }
        waiter.deadline = deadline
        insert(waiter)
    }

    fileprivate mutating func looked(_ number: Int64, seen: Int64, pauses: Bool = false) {
        guard let index = index(of: number) else { return }
        lastTurn += 1
        waiting[index].seen = seen
        waiting[index].isPaused = pauses
        waiting[index].turn = lastTurn
    }
}
