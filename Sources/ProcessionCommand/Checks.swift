import ArgumentParser
import CEL
import Definitions
import Foundation
import JSON
import Procession

struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Check definitions; every fault is named with its place.")

    @Argument(help: "Files or folders of definitions.")
    var files: [String]

    func run() throws {
        var isValid = true
        for document in try Documents.json(in: files) {
            do throws(DefinitionFaults) {
                let (definition, warnings) = try Definition.load(document.bytes)
                for warning in warnings { print("\(document.name): warning: \(Self.line(warning))") }
                print("\(document.name): \(definition.name) is valid")
            } catch {
                isValid = false
                for fault in error.faults { print("\(document.name): fault: \(Self.line(fault))") }
            }
        }
        if !isValid { throw ExitCode(1) }
    }

    static func line(_ fault: DefinitionFault) -> String {
        var line = "\(fault.pointer.isEmpty ? "/" : fault.pointer): \(fault.message)"
        if let column = fault.column { line += " (column \(column))" }
        if let hint = fault.hint { line += "; \(hint)" }
        return line
    }
}

struct TestScenarios: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Run scenarios in memory on a simulated clock.")

    @Argument(help: "Files or folders of scenarios.")
    var scenarios: [String]
    @Option(help: "The folder of the definitions that scenarios name.")
    var definitions = "definitions"

    func run() throws {
        let known = FileManager.default.fileExists(atPath: definitions) ? try Documents.json(in: [definitions]) : []
        var failures = 0
        let documents = try Documents.json(in: scenarios)
        for document in documents {
            do {
                let scenario = try Scenario(try JSONValue(parsing: document.bytes))
                try ScenarioRunner.run(scenario, on: try InProcessClient(try configuration(for: scenario, known)))
                print("passed  \(document.name): \(scenario.name)")
            } catch {
                failures += 1
                print("FAILED  \(document.name): \(error)")
            }
        }
        print("\(documents.count - failures) passed, \(failures) failed")
        if failures > 0 || documents.isEmpty { throw ExitCode(1) }
    }

    private func configuration(
        for scenario: Scenario, _ known: [Documents.Document]
    ) throws -> ServiceConfiguration {
        var configuration = ServiceConfiguration()
        configuration.store = .memory
        configuration.testClock = true
        for definition in scenario.definitions {
            if let name = definition.stringValue {
                guard
                    let document = known.first(where: {
                        (try? JSONValue(parsing: $0.bytes))?["name"]?.stringValue == name
                    })
                else { throw StartError("there is no definition '\(name)' in \(definitions)") }
                configuration.definitions.append((name, document.bytes))
            } else {
                configuration.definitions.append((definition["name"]?.stringValue ?? "definition", definition.bytes))
            }
        }
        return configuration
    }
}
