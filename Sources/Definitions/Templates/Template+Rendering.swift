import CEL
import Chrono
import JSON
import ProcessManagement

extension Template {
    /// The value, as a document of its own. What it writes costs as much as what it computes.
    func render(_ frame: borrowing Frame, _ budget: inout Budget) throws(DecisionFault) -> JSONView {
        if let constant { return constant }
        var cost = budget.next
        defer { budget.use(cost) }
        // A part of a payload is taken over as it lies there.
        if case .hole(let expression) = root, let view = expression.path?.resolve(frame) {
            try Self.charge(view, expression, &cost)
            return view.detached()
        }
        var writer = JSONWriter(reserving: 128, indexed: true)
        try Self.write(root, frame, &writer, &cost)
        guard writer.bytes.count <= StepLimits.bytes else {
            throw DecisionFault(
                .limitExceeded, "the value is larger than \(StepLimits.bytes) bytes", pointer: pointer)
        }
        return writer.document.root
    }

    /// The value as text: a string as it is, anything else as inside a longer string.
    func renderText(_ frame: borrowing Frame, _ budget: inout Budget) throws(DecisionFault) -> String {
        let view = try render(frame, &budget)
        return view.stringValue ?? view.text
    }

    /// A duration, or the text of one; nil for anything else.
    func renderSpan(_ frame: borrowing Frame, _ budget: inout Budget) throws(DecisionFault) -> TimeSpan? {
        if case .hole(let expression) = root, expression.path == nil {
            switch try expression.evaluate(frame, &budget) {
            case .duration(let duration): return duration.span
            case .string(let text): return TimeSpan(text)
            default: return nil
            }
        }
        return try render(frame, &budget).stringValue.flatMap { TimeSpan($0) }
    }

    /// The value of a field that has to give an object.
    func renderObject(_ frame: borrowing Frame, _ budget: inout Budget) throws(DecisionFault) -> JSONView {
        let view = try render(frame, &budget)
        guard view.kind == .object else {
            throw DecisionFault(.expressionFailed, "this has to give an object", pointer: pointer)
        }
        return view
    }

    private static func write(
        _ node: Node, _ frame: borrowing Frame, _ writer: inout JSONWriter, _ cost: inout CELCost
    ) throws(DecisionFault) {
        switch node {
        case .literal(let bytes): writer.raw(bytes)
        case .hole(let expression): try write(expression, frame, &writer, &cost)
        case .text(let pieces):
            var text = ""
            for piece in pieces {
                switch piece {
                case .literal(let literal): text += literal
                case .hole(let expression): text += try self.text(expression, frame, &cost)
                }
            }
            writer.value(text)
        case .array(let elements):
            writer.beginArray()
            for element in elements { try write(element, frame, &writer, &cost) }
            writer.endArray()
        case .object(let members):
            writer.beginObject()
            for member in members {
                writer.name(member.name)
                try write(member.value, frame, &writer, &cost)
            }
            writer.endObject()
        }
    }

    private static func write(
        _ expression: CompiledExpression, _ frame: borrowing Frame, _ writer: inout JSONWriter, _ cost: inout CELCost
    ) throws(DecisionFault) {
        if let view = expression.path?.resolve(frame) {
            try charge(view, expression, &cost)
            writer.value(view)
            return
        }
        let value = try expression.evaluate(frame, &cost)
        do throws(CELError) {
            try value.write(to: &writer, cost: &cost)
        } catch {
            throw expression.fault(error)
        }
    }

    /// What is taken over as it lies there costs like what is written.
    private static func charge(
        _ view: JSONView, _ expression: CompiledExpression, _ cost: inout CELCost
    ) throws(DecisionFault) {
        do throws(CELError) {
            try cost.charge(1 + view.rawByteCount >> 5)
        } catch {
            throw expression.fault(error)
        }
    }

    private static func text(
        _ expression: CompiledExpression, _ frame: borrowing Frame, _ cost: inout CELCost
    ) throws(DecisionFault) -> String {
        if let view = expression.path?.resolve(frame) {
            switch view.kind {
            case .string, .number, .bool, .null:
                try charge(view, expression, &cost)
                return view.stringValue ?? view.text
            case .array, .object: break
            }
        }
        let value = try expression.evaluate(frame, &cost)
        do throws(CELError) {
            return try value.templateText(cost: &cost)
        } catch {
            throw expression.fault(error)
        }
    }
}
