/// The characters one place of a pattern takes.
struct CharacterSet {
    /// Sorted and apart from each other once `normalize()` was called.
    private(set) var ranges: [ClosedRange<UInt32>] = []
    /// General categories, one bit each.
    private var categories: UInt32 = 0
    private var isNegated = false

    static let highest: UInt32 = 0x10FFFF

    init(_ ranges: [ClosedRange<UInt32>] = []) {
        self.ranges = CharacterSet.merged(ranges)
    }

    static let any = CharacterSet([0...highest])
    static let anyButNewline = CharacterSet([0...9, 11...highest])

    /// `\d`, `\w`, `\s` take ASCII only, as in RE2; capitals take the rest.
    static func perl(_ letter: UInt8) -> [ClosedRange<UInt32>]? {
        switch letter {
        case UInt8(ascii: "d"): [0x30...0x39]
        case UInt8(ascii: "w"): [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
        case UInt8(ascii: "s"): [0x09...0x0A, 0x0C...0x0D, 0x20...0x20]
        case UInt8(ascii: "D"), UInt8(ascii: "W"), UInt8(ascii: "S"): perl(letter | 0x20).map(complement)
        default: nil
        }
    }

    /// `[[:name:]]`.
    static func posix(_ name: String) -> [ClosedRange<UInt32>]? {
        switch name {
        case "alnum": [0x30...0x39, 0x41...0x5A, 0x61...0x7A]
        case "alpha": [0x41...0x5A, 0x61...0x7A]
        case "ascii": [0...0x7F]
        case "blank": [0x09...0x09, 0x20...0x20]
        case "cntrl": [0...0x1F, 0x7F...0x7F]
        case "digit": [0x30...0x39]
        case "graph": [0x21...0x7E]
        case "lower": [0x61...0x7A]
        case "print": [0x20...0x7E]
        case "punct": [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]
        case "space": [0x09...0x0D, 0x20...0x20]
        case "upper": [0x41...0x5A]
        case "word": perl(UInt8(ascii: "w"))
        case "xdigit": [0x30...0x39, 0x41...0x46, 0x61...0x66]
        default: nil
        }
    }

    static func complement(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in merged(ranges) {
            if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= highest { result.append(next...highest) }
        return result
    }

    private static func merged(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, range.lowerBound <= last.upperBound + 1 {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }

    mutating func add(_ more: [ClosedRange<UInt32>]) {
        ranges += more
    }

    mutating func normalize() {
        ranges = CharacterSet.merged(ranges)
    }

    /// False for a name that is no general category.
    mutating func add(category name: String, isNegated: Bool) -> Bool {
        if name == "Any" {
            if !isNegated { add([0...CharacterSet.highest]) }
            return true
        }
        var bits: UInt32 = 0
        for (position, code) in CharacterSet.categoryCodes.enumerated() where code.hasPrefix(name) {
            bits |= 1 << UInt32(position)
        }
        guard bits != 0, !name.isEmpty else { return false }
        categories |= isNegated ? ~bits : bits
        return true
    }

    mutating func negate() {
        if categories == 0 {
            ranges = CharacterSet.complement(ranges)
        } else {
            isNegated.toggle()
        }
    }

    /// Adds the other case of each letter; of wide ranges of ASCII only, which is where case matters to a pattern.
    mutating func foldCase() {
        var more: [ClosedRange<UInt32>] = []
        for range in ranges {
            let upper = range.clamped(to: 0x41...0x5A)
            if range.overlaps(0x41...0x5A) { more.append(upper.lowerBound + 32...upper.upperBound + 32) }
            let lower = range.clamped(to: 0x61...0x7A)
            if range.overlaps(0x61...0x7A) { more.append(lower.lowerBound - 32...lower.upperBound - 32) }
            guard range.upperBound > 0x7F, range.count <= 64 else { continue }
            for value in range {
                guard let properties = Unicode.Scalar(value)?.properties else { continue }
                for mapped in [properties.lowercaseMapping, properties.uppercaseMapping] {
                    let scalars = mapped.unicodeScalars
                    if scalars.count == 1, let scalar = scalars.first { more.append(scalar.value...scalar.value) }
                }
            }
        }
        add(more)
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        var found = inRanges(scalar.value)
        if !found, categories != 0 {
            found = categories >> CharacterSet.position(scalar.properties.generalCategory) & 1 == 1
        }
        return found != isNegated
    }

    private func inRanges(_ value: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < value {
                low = middle + 1
            } else if ranges[middle].lowerBound > value {
                high = middle
            } else {
                return true
            }
        }
        return false
    }

    private static let categoryCodes = [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn",
    ]

    private static func position(_ category: Unicode.GeneralCategory) -> UInt32 {
        switch category {
        case .uppercaseLetter: 0
        case .lowercaseLetter: 1
        case .titlecaseLetter: 2
        case .modifierLetter: 3
        case .otherLetter: 4
        case .nonspacingMark: 5
        case .spacingMark: 6
        case .enclosingMark: 7
        case .decimalNumber: 8
        case .letterNumber: 9
        case .otherNumber: 10
        case .connectorPunctuation: 11
        case .dashPunctuation: 12
        case .openPunctuation: 13
        case .closePunctuation: 14
        case .initialPunctuation: 15
        case .finalPunctuation: 16
        case .otherPunctuation: 17
        case .mathSymbol: 18
        case .currencySymbol: 19
        case .modifierSymbol: 20
        case .otherSymbol: 21
        case .spaceSeparator: 22
        case .lineSeparator: 23
        case .paragraphSeparator: 24
        case .control: 25
        case .format: 26
        case .surrogate: 27
        case .privateUse: 28
        default: 29
        }
    }
}
