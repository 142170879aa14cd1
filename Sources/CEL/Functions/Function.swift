/// The functions of the standard library and of the extensions for strings, math, encoders and optionals.
enum Function: Int16 {
    // Standard library.
    case size, dyn, type
    case bool, int, uint, double, string, bytes, timestamp, duration
    case contains, startsWith, endsWith, matches
    case getFullYear, getMonth, getDate, getDayOfMonth, getDayOfWeek, getDayOfYear
    case getHours, getMinutes, getSeconds, getMilliseconds
    // Strings.
    case charAt, indexOf, lastIndexOf, join, lowerAscii, upperAscii, replace, split, substring, trim, reverse, format
    case quote
    // Math.
    case greatest, least, ceil, floor, round, trunc, sqrt, abs, sign, isNaN, isInf, isFinite
    case bitAnd, bitOr, bitXor, bitNot, bitShiftLeft, bitShiftRight
    // Encoders.
    case base64Encode, base64Decode
    // Optionals.
    case optionalNone, optionalOf, optionalOfNonZeroValue, hasValue, value, or, orValue, unwrap, first, last

    // Decimals.
    case decimal, decimalDivide, decimalRound, decimalSum, decimalScale

    /// Whether it hands values on as they are, so that the digits of a number survive.
    var passesValues: Bool {
        switch self {
        case .dyn, .optionalOf, .optionalOfNonZeroValue, .value, .or, .orValue: true
        default: false
        }
    }

    /// Whether it sees the digits of a number; others take the nearest double.
    var takesDigits: Bool {
        switch self {
        case .string, .decimal, .greatest, .least: true
        default: passesValues
        }
    }
}

struct Signature {
    var parameters: [CELType]
    var result: CELType

    init(_ parameters: [CELType], _ result: CELType) {
        self.parameters = parameters
        self.result = result
    }
}

/// Which functions there are and what they take; a method's receiver is its first parameter.
struct FunctionEntry {
    var function: Function
    var global: [Signature] = []
    var method: [Signature] = []
    /// Any number of arguments, at least one.
    var isVariadic = false

    func isCallable(asMethod: Bool) -> Bool { asMethod ? !method.isEmpty : isVariadic || !global.isEmpty }
}
