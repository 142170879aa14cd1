import API
import Definitions
import Engine
import JSON
import ProcessManagement

/// Makes managers of stored definitions.
public struct DefinitionManagers: ManagerFactory {
    public init() {}

    public func makeManager(
        name: String, version: Int, content: JSONView
    ) throws(Problem) -> any ManagedDefinition {
        do throws(DefinitionFaults) {
            return DefinedProcessManager(try Definition.decode(content, version: version).definition)
        } catch {
            let first = error.faults.first
            throw Problem(
                .definitionNotFound,
                "version \(version) of \(name) cannot be run by this release: \(first?.pointer ?? "") \(first?.message ?? "")"
            )
        }
    }

    /// What `PUT /definitions/{name}` needs to know of a document.
    public static func check(name: String, body: JSONView) -> DefinitionCheck {
        do throws(DefinitionFaults) {
            let (definition, warnings) = try Definition.decode(body, version: 1)
            guard definition.name == name else {
                return .invalid([RequestFault(.pointer("/name"), "the name has to be '\(name)'")])
            }
            return .valid(content: JSONView(definition.canonical), warnings: warnings.map(RequestFault.init))
        } catch {
            return .invalid(error.faults.map(RequestFault.init))
        }
    }
}

extension RequestFault {
    fileprivate init(_ fault: DefinitionFault) {
        self.init(.pointer(fault.pointer), fault.message, column: fault.column, hint: fault.hint)
    }
}
