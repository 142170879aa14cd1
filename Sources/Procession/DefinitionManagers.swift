import API
import CEL
import Definitions
import Engine
import JSON
import ProcessManagement

/// Makes managers of stored definitions.
///
/// Their expressions know the time zones of the machine that decides. Two machines, or one before and after an update of
/// its database, may decide differently about the same event; what was decided is recorded, so no history changes.
public struct DefinitionManagers: ManagerFactory {
    private let timeZones: (any CELTimeZones)?

    public init(timeZones: (any CELTimeZones)? = SystemTimeZones()) {
        self.timeZones = timeZones
    }

    public func makeManager(
        name: String, version: Int, content: JSONView
    ) throws(Problem) -> any ManagedDefinition {
        do throws(DefinitionFaults) {
            return DefinedProcessManager(
                try Definition.decode(content, version: version, timeZones: timeZones).definition)
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
