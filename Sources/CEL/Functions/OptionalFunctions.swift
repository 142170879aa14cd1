import JSON

/// Optionals: values that may be missing.
enum OptionalFunctions {
    static func call(
        _ function: Function, _ arguments: Arguments, _ cost: inout CELCost, _ digits: CELDigits
    ) throws(Fault) -> CELValue {
        switch (function, arguments.first) {
        case (.optionalNone, _): return .optional(nil)
        case (.optionalOf, let value): return .optional(value)
        case (.optionalOfNonZeroValue, let value): return .optional(isZero(value) ? nil : value)
        case (.hasValue, .optional(let inner)): return .bool(inner != nil)
        case (.value, .optional(let inner)):
            guard let inner else {
                throw Fault(.noValue, "the optional has no value", hint: "orValue() gives one for this case")
            }
            return inner
        case (.or, .optional(let inner)):
            guard case .optional(let other) = arguments.second else {
                throw Functions.noOverload(function, arguments)
            }
            return .optional(inner ?? other)
        case (.orValue, .optional(let inner)): return inner ?? arguments.second
        case (.first, .list(let list)): return .optional(list.element(at: 0, digits.reading(false)))
        case (.last, .list(let list)):
            if case .json(let view) = list.storage { try cost.pay(view.count >> 4) }
            return .optional(list.element(at: list.count - 1, digits.reading(false)))
        case (.unwrap, .list(let list)):
            var values: [CELValue] = []
            for element in list.elements(digits.reading(false)) {
                try cost.pay(1)
                guard case .optional(let inner) = element else { throw Functions.noOverload(function, arguments) }
                if let inner { values.append(inner) }
            }
            return .list(CELList(values))
        default: throw Functions.noOverload(function, arguments)
        }
    }

    private static func isZero(_ value: CELValue) -> Bool {
        switch value.plain {
        case .null: true
        case .bool(let value): !value
        case .int(let value): value == 0
        case .uint(let value): value == 0
        case .double(let value): value == 0
        case .string(let text): text.isEmpty
        case .bytes(let bytes): bytes.isEmpty
        case .list(let list): list.count == 0
        case .map(let map): map.count == 0
        case .timestamp(let time): time.seconds == 0 && time.nanoseconds == 0
        case .duration(let duration): duration.nanoseconds == 0
        case .optional(let inner): inner == nil
        case .decimal(let value): value.isZero
        case .type, .number: false
        }
    }
}
