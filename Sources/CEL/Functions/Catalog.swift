enum Catalog {
    static let functions: [String: FunctionEntry] = {
        var entries: [String: FunctionEntry] = [:]
        func global(_ name: String, _ function: Function, _ signatures: Signature...) {
            entries[name, default: FunctionEntry(function: function)].global += signatures
        }
        func method(_ name: String, _ function: Function, _ signatures: Signature...) {
            entries[name, default: FunctionEntry(function: function)].method += signatures
        }
        let anyList = CELType.list(.dyn)
        let anyMap = CELType.map(.dyn, .dyn)
        let anyOptional = CELType.optional(.dyn)

        let sizes = [CELType.string, .bytes, anyList, anyMap].map { Signature([$0], .int) }
        entries["size"] = FunctionEntry(function: .size, global: sizes, method: sizes)
        global("dyn", .dyn, Signature([.dyn], .dyn))
        global("type", .type, Signature([.dyn], .type))
        func conversion(_ name: String, _ function: Function, _ result: CELType, from types: [CELType]) {
            entries[name] = FunctionEntry(function: function, global: types.map { Signature([$0], result) })
        }
        conversion("bool", .bool, .bool, from: [.bool, .string])
        conversion("int", .int, .int, from: [.int, .uint, .double, .decimal, .string, .timestamp])
        conversion("uint", .uint, .uint, from: [.uint, .int, .double, .decimal, .string])
        conversion("double", .double, .double, from: [.double, .int, .uint, .decimal, .string])
        conversion(
            "string", .string, .string,
            from: [.string, .bool, .int, .uint, .double, .decimal, .bytes, .timestamp, .duration])
        conversion("bytes", .bytes, .bytes, from: [.bytes, .string])
        conversion("timestamp", .timestamp, .timestamp, from: [.timestamp, .string, .int])
        conversion("duration", .duration, .duration, from: [.duration, .string])

        method("contains", .contains, Signature([.string, .string], .bool))
        method("startsWith", .startsWith, Signature([.string, .string], .bool))
        method("endsWith", .endsWith, Signature([.string, .string], .bool))
        global("matches", .matches, Signature([.string, .string], .bool))
        method("matches", .matches, Signature([.string, .string], .bool))

        let dateParts: [(String, Function)] = [
            ("getFullYear", .getFullYear), ("getMonth", .getMonth), ("getDate", .getDate),
            ("getDayOfMonth", .getDayOfMonth), ("getDayOfWeek", .getDayOfWeek), ("getDayOfYear", .getDayOfYear),
            ("getHours", .getHours), ("getMinutes", .getMinutes), ("getSeconds", .getSeconds),
            ("getMilliseconds", .getMilliseconds),
        ]
        for (name, function) in dateParts {
            method(name, function, Signature([.timestamp], .int), Signature([.timestamp, .string], .int))
        }
        for (name, function) in dateParts.suffix(4) { method(name, function, Signature([.duration], .int)) }

        method("charAt", .charAt, Signature([.string, .int], .string))
        for (name, function) in [("indexOf", Function.indexOf), ("lastIndexOf", .lastIndexOf)] {
            method(name, function, Signature([.string, .string], .int), Signature([.string, .string, .int], .int))
        }
        method("join", .join, Signature([.list(.string)], .string), Signature([.list(.string), .string], .string))
        method("lowerAscii", .lowerAscii, Signature([.string], .string))
        method("upperAscii", .upperAscii, Signature([.string], .string))
        method(
            "replace", .replace, Signature([.string, .string, .string], .string),
            Signature([.string, .string, .string, .int], .string))
        method(
            "split", .split, Signature([.string, .string], .list(.string)),
            Signature([.string, .string, .int], .list(.string)))
        method(
            "substring", .substring, Signature([.string, .int], .string), Signature([.string, .int, .int], .string))
        method("trim", .trim, Signature([.string], .string))
        method("reverse", .reverse, Signature([.string], .string))
        method("format", .format, Signature([.string, anyList], .string))
        global("strings.quote", .quote, Signature([.string], .string))

        entries["math.greatest"] = FunctionEntry(function: .greatest, isVariadic: true)
        entries["math.least"] = FunctionEntry(function: .least, isVariadic: true)
        for (name, function) in [
            ("ceil", Function.ceil), ("floor", .floor), ("round", .round), ("trunc", .trunc),
        ] {
            global("math.\(name)", function, Signature([.double], .double))
        }
        global(
            "math.sqrt", .sqrt, Signature([.double], .double), Signature([.int], .double), Signature([.uint], .double))
        for (name, function) in [("abs", Function.abs), ("sign", .sign)] {
            for type in [CELType.int, .uint, .double, .decimal] {
                global("math.\(name)", function, Signature([type], type))
            }
        }
        for (name, function) in [("isNaN", Function.isNaN), ("isInf", .isInf), ("isFinite", .isFinite)] {
            global("math.\(name)", function, Signature([.double], .bool))
        }
        for type in [CELType.int, .uint] {
            for (name, function) in [("bitAnd", Function.bitAnd), ("bitOr", .bitOr), ("bitXor", .bitXor)] {
                global("math.\(name)", function, Signature([type, type], type))
            }
            global("math.bitNot", .bitNot, Signature([type], type))
            global("math.bitShiftLeft", .bitShiftLeft, Signature([type, .int], type))
            global("math.bitShiftRight", .bitShiftRight, Signature([type, .int], type))
        }

        // A double may be a number of the data, with the digits that it was written with.
        conversion("decimal", .decimal, .decimal, from: [.decimal, .string, .int, .uint, .double])
        global(
            "decimal.div", .decimalDivide, Signature([.decimal, .decimal, .int], .decimal),
            Signature([.decimal, .decimal, .int, .string], .decimal))
        global(
            "decimal.round", .decimalRound, Signature([.decimal, .int], .decimal),
            Signature([.decimal, .int, .string], .decimal))
        global("decimal.sum", .decimalSum, Signature([anyList], .decimal))
        global("decimal.scale", .decimalScale, Signature([.decimal], .int))

        global("base64.encode", .base64Encode, Signature([.bytes], .string))
        global("base64.decode", .base64Decode, Signature([.string], .bytes))

        global("optional.none", .optionalNone, Signature([], anyOptional))
        global("optional.of", .optionalOf, Signature([.dyn], anyOptional))
        global("optional.ofNonZeroValue", .optionalOfNonZeroValue, Signature([.dyn], anyOptional))
        global("optional.unwrap", .unwrap, Signature([anyList], anyList))
        method("unwrapOpt", .unwrap, Signature([anyList], anyList))
        method("hasValue", .hasValue, Signature([anyOptional], .bool))
        method("value", .value, Signature([anyOptional], .dyn))
        method("or", .or, Signature([anyOptional, anyOptional], anyOptional))
        method("orValue", .orValue, Signature([anyOptional, .dyn], .dyn))
        method("first", .first, Signature([anyList], anyOptional))
        method("last", .last, Signature([anyList], anyOptional))
        return entries
    }()

    /// Names that the parser's tree holds as calls, but that the checker expands.
    static let macros: Set<String> = [
        "all", "exists", "exists_one", "existsOne", "map", "filter", "transformList", "transformMap",
        "transformMapEntry", "optMap", "optFlatMap",
    ]

    static let typeNames: [String: CELTypeName] = Dictionary(
        uniqueKeysWithValues: CELTypeName.allCases.map { ($0.rawValue, $0) })
}
