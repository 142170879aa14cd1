import CEL
import Chrono
import JSON
import ProcessManagement

/// Reads a document from top to bottom and notes everything that is wrong, so that an author sees all of it at once.
///
/// Every method that reads a part gives a usable stand-in where the part is faulty; nobody sees the stand-ins, because
/// a definition with a fault is never given out.
struct DefinitionReader {
    private(set) var faults: [DefinitionFault] = []
    private(set) var warnings: [DefinitionFault] = []
    /// Every place where an expression reads a member of `data`, in the order in which they are read.
    private(set) var dataReads: [DataRead] = []
    let names: DeclaredNames
    let shape: CountsShape
    let environments: Environments

    init(names: DeclaredNames, timeZones: (any CELTimeZones)?) {
        self.names = names
        shape = CountsShape(names.machines, spawned: names.spawned)
        environments = Environments(counting: shape, timeZones: timeZones)
    }

    mutating func fault(_ pointer: String, _ message: String, column: Int? = nil, hint: String? = nil) {
        faults.append(DefinitionFault(pointer: pointer, message: message, column: column, hint: hint))
    }

    mutating func warn(_ pointer: String, _ message: String, hint: String? = nil) {
        warnings.append(DefinitionFault(pointer: pointer, message: message, hint: hint))
    }

    /// Compiles an expression. `offset` is where it begins inside the string at `pointer`.
    mutating func expression(
        _ source: String, at pointer: String, in scope: Scope, offset: Int = 0
    ) -> CompiledExpression? {
        do {
            let expression = try CompiledExpression(
                source, at: pointer, in: scope, of: environments, counting: shape)
            for path in expression.program.reads where path.count > 1 && path[0] == Variable.data.name {
                dataReads.append(DataRead(member: path[1], pointer: pointer))
            }
            for warning in expression.program.warnings {
                let (place, column) = Self.place(of: warning, offset: offset)
                warnings.append(
                    DefinitionFault(
                        pointer: pointer, message: place + warning.message, column: column, hint: warning.hint))
            }
            return expression
        } catch {
            let (place, column) = Self.place(of: error, offset: offset)
            fault(pointer, place + error.message, column: column, hint: error.hint)
            return nil
        }
    }

    private static func place(of error: CELError, offset: Int) -> (line: String, column: Int) {
        error.line > 1
            ? ("line \(error.line): ", error.column) : ("", max(1, error.column) + offset)
    }
}

/// An object of the document with its place.
struct Fields {
    let view: JSONView
    let pointer: String

    subscript(_ name: String) -> JSONView? { view[name] }

    func pointer(to name: String) -> String { JSONPointer.child(pointer, name) }

    func has(_ name: String) -> Bool { view[name] != nil }
}

extension DefinitionReader {
    /// The members of an object, after noting those that nobody knows. Nil, and noted, for anything but an object.
    mutating func fields(_ view: JSONView, at pointer: String, of what: String, known: [String]) -> Fields? {
        guard view.kind == .object else {
            fault(pointer, "\(what) has to be an object")
            return nil
        }
        for (name, _) in view.members where !known.contains(name) {
            let place = JSONPointer.child(pointer, name)
            fault(
                place, "\(what) has no field '\(name)'",
                hint: Hints.didYouMean(name, among: known) ?? "it has \(known.joined(separator: ", "))")
        }
        return Fields(view: view, pointer: pointer)
    }

    mutating func string(_ name: String, in fields: Fields) -> String? {
        guard let view = fields[name] else { return nil }
        guard let text = view.stringValue else {
            fault(fields.pointer(to: name), "'\(name)' has to be a string")
            return nil
        }
        return text
    }

    mutating func requiredString(_ name: String, in fields: Fields, of what: String) -> String? {
        guard fields.has(name) else {
            fault(fields.pointer, "\(what) needs '\(name)'")
            return nil
        }
        return string(name, in: fields)
    }

    mutating func flag(_ name: String, in fields: Fields, default standard: Bool) -> Bool {
        guard let view = fields[name] else { return standard }
        guard let value = view.boolValue else {
            fault(fields.pointer(to: name), "'\(name)' has to be true or false")
            return standard
        }
        return value
    }

    mutating func integer(
        _ name: String, in fields: Fields, within range: ClosedRange<Int64>, default standard: Int
    ) -> Int {
        guard let view = fields[name] else { return standard }
        guard let value = view.int64Value, range.contains(value) else {
            fault(
                fields.pointer(to: name),
                "'\(name)' has to be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return standard
        }
        return Int(value)
    }

    mutating func number(
        _ name: String, in fields: Fields, within range: ClosedRange<Double>, default standard: Double
    ) -> Double {
        guard let view = fields[name] else { return standard }
        guard let value = view.doubleValue, range.contains(value) else {
            fault(
                fields.pointer(to: name), "'\(name)' has to be a number from \(range.lowerBound) to \(range.upperBound)"
            )
            return standard
        }
        return value
    }

    mutating func duration(_ name: String, in fields: Fields) -> TimeSpan? {
        guard let view = fields[name] else { return nil }
        guard let span = view.stringValue.flatMap({ TimeSpan($0) }) else {
            fault(
                fields.pointer(to: name), "'\(name)' has to be a duration",
                hint: "durations are written 250ms, 30s, 1h30m, 72h")
            return nil
        }
        return span
    }

    /// One object, or a list of them; each with its place.
    mutating func list(_ name: String, in fields: Fields, isListOnly: Bool = false) -> [(
        view: JSONView, pointer: String
    )] {
        guard let view = fields[name] else { return [] }
        let pointer = fields.pointer(to: name)
        switch view.kind {
        case .array: return view.elements.enumerated().map { ($0.element, "\(pointer)/\($0.offset)") }
        case .object where !isListOnly: return [(view, pointer)]
        default:
            fault(pointer, "'\(name)' has to be a list\(isListOnly ? "" : " or an object")")
            return []
        }
    }

    mutating func requiredExpression(
        _ name: String, in fields: Fields, of what: String, scope: Scope
    ) -> CompiledExpression? {
        guard let source = requiredString(name, in: fields, of: what) else { return nil }
        return expression(source, at: fields.pointer(to: name), in: scope)
    }

    /// A `when`: what it gives has to be a bool, as far as that is known.
    mutating func condition(in fields: Fields, scope: Scope) -> CompiledExpression? {
        guard let source = string("when", in: fields) else { return nil }
        guard let expression = expression(source, at: fields.pointer(to: "when"), in: scope) else { return nil }
        switch expression.program.type {
        case .bool, .dyn: return expression
        default:
            wrongResult(expression, "a condition has to give a bool")
            return nil
        }
    }

    /// Notes that what an expression gives cannot be used; it begins behind `offset` characters.
    mutating func wrongResult(_ expression: CompiledExpression, _ message: String, offset: Int = 0) {
        fault(
            expression.pointer, "\(message), and this gives \(expression.program.type.text)", column: offset + 1)
    }

    /// The same for a template that is nothing but a hole.
    mutating func wrongResult(ofHole expression: CompiledExpression, _ message: String) {
        wrongResult(expression, message, offset: 2)
    }
}
