import Engine

/// Somebody who waits for news of a feed.
protocol FeedFollower: AnyObject, Sendable {
    /// Reads on from where it stands. Never called twice at the same time.
    func look(with reader: any ProcessReader) -> FeedStep

    /// Its time is over, at `now` in monotonic microseconds. May be called during a look.
    ///
    /// - Returns: when it is over the next time; nil if it waits no more.
    func timeIsUp(at now: Int64) -> Int64?

    /// The service stops. May be called during a look.
    func end()

    /// After a look that said `pause`: calls `body` once when looks make sense again.
    func whenReady(_ body: @escaping @Sendable () -> Void)
}

enum FeedStep: Sendable {
    /// It has seen all there is, and waits for the next commit.
    case rest
    /// There may be more already.
    case goOn
    /// It can take no more until it says so.
    case pause
    /// It waits no more.
    case done
}
