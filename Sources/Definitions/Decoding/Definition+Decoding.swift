import CEL
import JSON
import ProcessManagement

extension Definition {
    /// The largest document.
    public static let maximumBytes = 256 << 10

    /// Reads and checks the text of a definition.
    public static func load(
        _ bytes: [UInt8], version: Int = 1, timeZones: (any CELTimeZones)? = nil
    ) throws(DefinitionFaults) -> (definition: Definition, warnings: [DefinitionFault]) {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument.parse(bytes, limits: JSONLimits(maximumBytes: maximumBytes))
        } catch {
            throw DefinitionFaults([
                DefinitionFault(pointer: "", message: "line \(error.line): \(error.message)", column: error.column)
            ])
        }
        return try decode(document.root, version: version, timeZones: timeZones)
    }

    /// Checks and compiles a document.
    ///
    /// Its expressions take names of time zones from `timeZones`; without, a name is an unknown zone when it is read.
    ///
    /// - Throws: everything that is wrong with it.
    /// - Returns: the definition, and what looks wrong without being a fault.
    public static func decode(
        _ document: JSONView, version: Int, timeZones: (any CELTimeZones)? = nil
    ) throws(DefinitionFaults) -> (definition: Definition, warnings: [DefinitionFault]) {
        guard document.kind == .object else {
            throw DefinitionFaults([DefinitionFault(pointer: "", message: "a definition has to be an object")])
        }
        guard document.rawByteCount <= maximumBytes else {
            throw DefinitionFaults([
                DefinitionFault(pointer: "", message: "a definition has at most \(maximumBytes) bytes")
            ])
        }
        var reader = DefinitionReader(names: DeclaredNames(document), timeZones: timeZones)
        let definition = reader.definition(document, version: version)
        reader.check(definition)
        reader.checkLength(of: definition.canonical)
        guard reader.faults.isEmpty else { throw DefinitionFaults(reader.faults) }
        reader.findSmells(definition)
        return (definition, reader.warnings)
    }

    public static func decode(
        _ document: JSONValue, version: Int, timeZones: (any CELTimeZones)? = nil
    ) throws(DefinitionFaults) -> (definition: Definition, warnings: [DefinitionFault]) {
        try decode(JSONView(document), version: version, timeZones: timeZones)
    }
}

extension DefinitionReader {
    /// What is stored is the canonical form, and it is read again under the bound of every document.
    mutating func checkLength(of canonical: JSONValue) {
        let count = JSONView(canonical).rawByteCount
        guard count > Definition.maximumBytes else { return }
        fault(
            "", "with all defaults, as it is stored, it has \(count) bytes; at most \(Definition.maximumBytes) may be",
            hint: "split it into several definitions, such as children")
    }

    mutating func definition(_ document: JSONView, version: Int) -> Definition {
        let what = "a definition"
        let fields = Fields(view: document, pointer: "")
        _ = self.fields(
            document, at: "", of: what,
            known: [
                "name", "description", "events", "data", "initial", "states", "machines", "restart", "on_cancel",
            ])
        let name = requiredString("name", in: fields, of: what) ?? "unnamed"
        if !NameRules.isName(name) {
            fault("/name", "'\(name)' is no name", hint: Self.nameHint)
        } else if NameRules.reservedDefinitions.contains(name) {
            fault("/name", "the name '\(name)' is reserved")
        }
        let restart = flag("restart", in: fields, default: false)
        let events = self.events(fields, restart: restart)
        let data = fields["data"].map { template($0, at: "/data", in: .initialData) }
        if let data { requireObject(data, "'data'") }
        let machines = self.machines(fields)
        return Definition(
            name: name, version: version, description: string("description", in: fields), events: events, data: data,
            machines: machines, restart: restart, onCancel: onCancel(fields), canonical: Canonical.form(of: document))
    }

    static let nameHint = "a letter, then letters, digits, '_' and '-', at most 64"

    /// A template that can only give an object, or whose value is not known yet.
    mutating func requireObject(_ template: Template, _ what: String) {
        switch template.root {
        case .object: break
        case .hole(let expression):
            switch expression.program.type {
            case .dyn, .map, .record: break
            default: wrongResult(ofHole: expression, "\(what) has to be an object")
            }
        case .literal: if template.constant?.kind != .object { fault(template.pointer, "\(what) has to be an object") }
        case .text, .array: fault(template.pointer, "\(what) has to be an object")
        }
    }

    private mutating func onCancel(_ fields: Fields) -> CancelDefaults {
        var defaults = CancelDefaults()
        guard let view = fields["on_cancel"],
            let fields = self.fields(
                view, at: "/on_cancel", of: "'on_cancel'", known: ["mode", "compensate", "deadline"])
        else { return defaults }
        if let mode = string("mode", in: fields) {
            if let known = CancelMode(rawValue: mode) {
                defaults.mode = known
            } else {
                fault(
                    fields.pointer(to: "mode"), "'mode' is 'hard' or 'cooperative'",
                    hint: Hints.didYouMean(mode, among: ["hard", "cooperative"]))
            }
        }
        defaults.compensate = flag("compensate", in: fields, default: false)
        defaults.deadline = duration("deadline", in: fields)
        return defaults
    }

    private mutating func machines(_ fields: Fields) -> [MachineDeclaration] {
        guard let machines = fields["machines"] else {
            guard fields.has("states") || fields.has("initial") else {
                fault("", "a definition needs 'initial' and 'states', or 'machines'")
                return []
            }
            return [machine("main", fields)]
        }
        for name in ["initial", "states"] where fields.has(name) {
            fault(fields.pointer(to: name), "'\(name)' cannot stand beside 'machines'")
        }
        guard machines.kind == .object, machines.count > 0 else {
            fault("/machines", "'machines' has to be an object with at least one machine")
            return []
        }
        var declarations: [MachineDeclaration] = []
        for (name, view) in machines.members {
            let pointer = JSONPointer.child("/machines", name)
            if !NameRules.isName(name) { fault(pointer, "'\(name)' is no name", hint: Self.nameHint) }
            guard
                let fields = self.fields(
                    view, at: pointer, of: "a machine", known: ["initial", "states", "spawn"])
            else { continue }
            declarations.append(machine(name, fields))
        }
        return declarations
    }
}

extension StateDeclaration {
    /// Every transition that the state declares. In no order that means anything.
    var transitions: [TransitionDeclaration] {
        on.sorted { $0.key < $1.key }.flatMap(\.value) + after.map(\.transition) + always
    }

    /// Its own task and the side tasks of its transitions.
    var tasks: [TaskDeclaration] { [task].compactMap { $0 } + transitions.compactMap(\.task) }
}
