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
        let documents = try Documents.json(in: files)
        // A folder's name that is wrong by a level would otherwise pass in any CI.
        guard !documents.isEmpty else {
            throw StartError("there is no definition (*.json) in \(files.joined(separator: ", "))")
        }
        var isValid = true
        for document in documents {
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
    @Flag(help: "Name the transitions that no scenario took.")
    var coverage = false
    @Option(help: "With --coverage: fail below this percentage of taken transitions.")
    var minCoverage: Double?

    func validate() throws {
        if let minCoverage, !(0...100).contains(minCoverage) {
            throw ValidationError("--min-coverage has to be 0 to 100")
        }
    }

    func run() throws {
        let known =
            FileManager.default.fileExists(atPath: definitions)
            ? try Documents.json(in: [definitions], mayBeEmpty: true) : []
        var failures = 0
        var taken = TransitionCoverage()
        let measures = coverage || minCoverage != nil
        if measures {
            for document in known {
                if let definition = try? Definition.load(document.bytes).definition { taken.add(definition) }
            }
        }
        let documents = try Documents.json(in: scenarios)
        for document in documents {
            do {
                let scenario = try Scenario(try JSONValue(parsing: document.bytes))
                let client = try InProcessClient(try configuration(for: scenario, known))
                // What a failing scenario took counts, too.
                defer { if measures { try? taken.add(client) } }
                try ScenarioRunner.run(scenario, on: client)
                print("passed  \(document.name): \(scenario.name)")
            } catch {
                failures += 1
                print("FAILED  \(document.name): \(error)")
            }
        }
        print("\(documents.count - failures) passed, \(failures) failed")
        if measures { Self.report(taken) }
        let isCovered = minCoverage.map { taken.percent >= $0 } ?? true
        if failures > 0 || documents.isEmpty || !isCovered { throw ExitCode(1) }
    }

    private static func report(_ coverage: TransitionCoverage) {
        for entry in coverage.entries {
            print(
                "coverage  \(entry.definition.name): \(entry.taken.count) of \(entry.transitions.count) transitions taken"
            )
            for missing in entry.missing { print("  not taken: \(missing.pointer) (\(missing.label))") }
        }
        // Rounded down, so that 100 means all.
        print("coverage  \(coverage.taken) of \(coverage.total), \(Int(coverage.percent)) %")
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
