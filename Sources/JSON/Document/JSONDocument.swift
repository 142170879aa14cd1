/// A validated document: the bytes as received and a flat index over them.
/// Parsing checks everything and allocates the index only; values are decoded when they are read.
public struct JSONDocument: Sendable {
    let storage: JSONStorage

    public static func parse(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONDocument {
        JSONDocument(storage: try JSONStorage(scanning: bytes, limits: limits))
    }

    /// Copies the bytes.
    public static func parse(
        _ bytes: ArraySlice<UInt8>, limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> JSONDocument {
        try parse(Array(bytes), limits: limits)
    }

    /// Copies the bytes.
    public static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> JSONDocument {
        try parse(Array(bytes), limits: limits)
    }

    public static func parse(_ text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONDocument {
        try parse(Array(text.utf8), limits: limits)
    }

    /// Writes the tree as a document. No limit of depth applies: the tree was made here.
    public init(_ value: JSONValue) {
        storage = JSONStorage(trusted: value.bytes)
    }

    init(storage: JSONStorage) { self.storage = storage }

    public var root: JSONView { JSONView(storage: storage, entry: 0) }

    /// The bytes as received, white space around the root included.
    public var bytes: [UInt8] { storage.bytes }
}

/// What the views of one document share; it never changes.
final class JSONStorage: Sendable {
    let bytes: [UInt8]
    /// See `JSONIndex`.
    let index: [UInt32]

    init(bytes: [UInt8], index: [UInt32]) {
        self.bytes = bytes
        self.index = index
    }

    convenience init(scanning bytes: [UInt8], limits: JSONLimits) throws(JSONError) {
        let longest = min(limits.maximumBytes ?? .max, JSONLimits.addressableBytes)
        let scanned = bytes.withUnsafeBufferPointer { input in
            Self.index(input, longest: longest, deepest: min(limits.maximumDepth, JSONLimits.deepest))
        }
        self.init(bytes: bytes, index: try scanned.get())
    }

    /// For text that the writer made.
    convenience init(trusted bytes: [UInt8]) {
        let scanned = bytes.withUnsafeBufferPointer { input in
            Self.index(input, longest: JSONLimits.addressableBytes, deepest: .max)
        }
        guard case .success(let index) = scanned else {
            preconditionFailure("a written document is valid and at most 1 GiB long")
        }
        self.init(bytes: bytes, index: index)
    }

    /// An index of at most 1 KiB, that of most documents, is built on the stack.
    private static func index(
        _ input: UnsafeBufferPointer<UInt8>, longest: Int, deepest: Int
    ) -> Result<[UInt32], JSONError> {
        guard input.count <= longest else {
            return .failure(JSONError(JSONFault(.tooLong, at: longest), in: input))
        }
        return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { scratch in
            var builder = JSONIndexBuilder(scratch: scratch)
            if let fault = JSONScanner.scan(input, maximumDepth: deepest, into: &builder) {
                return .failure(JSONError(fault, in: input))
            }
            return .success(builder.finish())
        }
    }
}
