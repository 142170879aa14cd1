/// What a parser accepts at most. The bounds hold while scanning, before anything is built.
public struct JSONLimits: Sendable, Hashable {
    /// The deepest nesting of arrays and objects; a root array or object is level 1.
    /// Readers of a document recurse to this depth, so values above 512 count as 512.
    public var maximumDepth: Int
    /// The longest document in bytes; none means the 1 GiB an index can address.
    public var maximumBytes: Int?

    static let addressableBytes = 1 << 30
    static let deepest = 512

    public init(maximumDepth: Int = 64, maximumBytes: Int? = nil) {
        self.maximumDepth = maximumDepth
        self.maximumBytes = maximumBytes
    }
}
