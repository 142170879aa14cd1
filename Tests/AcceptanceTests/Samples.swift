import Foundation
import JSON
import Procession

/// The definitions and scenarios that the project ships.
enum Samples {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../docs/examples").standardizedFileURL

    /// The place of a file or folder among the examples.
    static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    static func documents(_ name: String) throws -> [(name: String, text: [UInt8])] {
        let place = folder.appendingPathComponent(name)
        return try FileManager.default.contentsOfDirectory(atPath: place.path).filter { $0.hasSuffix(".json") }.sorted()
            .map { ($0, Array(try Data(contentsOf: place.appendingPathComponent($0)))) }
    }

    /// The shipped scenarios, and those that only the tests need.
    static func scenarios() -> [SampleScenario] {
        let own = "../../Tests/AcceptanceTests/Scenarios"
        return ["scenarios", own].flatMap { (try? documents($0)) ?? [] }.map {
            SampleScenario(file: $0.name, text: $0.text)
        }
    }

    static func configuration(for scenario: Scenario, store: StoreLocation) throws -> ServiceConfiguration {
        var configuration = ServiceConfiguration()
        configuration.port = 0
        configuration.store = store
        configuration.testClock = true
        for definition in scenario.definitions {
            if let name = definition.stringValue {
                configuration.definitions += try documents("definitions").filter { $0.name == "\(name).json" }
            } else {
                configuration.definitions.append((definition["name"]?.stringValue ?? "", definition.bytes))
            }
        }
        return configuration
    }

    /// A folder for one test, removed when `body` is done.
    static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("procession-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder.path)
    }
}

struct SampleScenario: Sendable, CustomStringConvertible {
    let file: String
    let text: [UInt8]
    var description: String { file }

    func decoded() throws -> Scenario { try Scenario(try JSONValue(parsing: text)) }
}
