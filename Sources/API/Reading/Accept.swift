import HTTPServer

/// What a caller wants an answer to be written in (RFC 9110 section 12.5.1). Without the field, anything.
struct Accept {
    private struct Range {
        /// `type/subtype`, `type/*` or `*/*`, in lower case; parameters but the quality do not count.
        var type: String
        /// In thousandths.
        var quality = 1_000

        var specificity: Int { type == "*/*" ? 0 : type.hasSuffix("/*") ? 1 : 2 }

        func covers(_ format: String) -> Bool {
            switch specificity {
            case 0: true
            case 1: format.hasPrefix(type.dropLast())
            default: type == format
            }
        }
    }

    private let ranges: [Range]

    init(_ fields: HTTPFields) {
        ranges = fields.contains("accept") ? fields.values(for: "accept").flatMap(Self.ranges) : []
    }

    private static func ranges(_ value: String) -> [Range] {
        value.split(separator: ",").compactMap { text in
            let parts = text.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let type = parts.first, !type.isEmpty else { return nil }
            var range = Range(type: type)
            for part in parts.dropFirst() where part.hasPrefix("q=") {
                range.quality =
                    Double(part.dropFirst(2)).map { $0.isFinite ? Int(min(max($0, 0), 1) * 1_000) : 0 } ?? 0
            }
            return range
        }
    }

    /// How much this type is wanted, in thousandths; 0 if not at all. The most specific range that covers it counts.
    func quality(of type: String) -> Int {
        if ranges.isEmpty { return 1_000 }
        return ranges.filter { $0.covers(type) }.max { $0.specificity < $1.specificity }?.quality ?? 0
    }

    /// How much this type is wanted by its name.
    func namedQuality(of type: String) -> Int {
        ranges.filter { $0.type == type }.map(\.quality).max() ?? 0
    }

    func allows(any types: [String]) -> Bool {
        ranges.isEmpty || types.contains { quality(of: $0) > 0 }
    }
}
