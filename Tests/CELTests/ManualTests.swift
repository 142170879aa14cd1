import Foundation
import JSON
import Testing

@testable import CEL

/// docs/cel.md against the evaluator.
@Suite("The manual of CEL")
struct ManualTests {
    static let page: String = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../docs/cel.md")
        return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    }()

    struct Example: Sendable, CustomTestStringConvertible {
        var source: String
        var result: String
        var testDescription: String { "\(source)  // \(result)" }
    }

    static func blocks(_ language: String) -> [Substring] {
        page.matches(of: /(?s)```(\w+)\n(.*?)```/).filter { $0.output.1 == language }.map(\.output.2)
    }

    /// Lines up to one with a result are one expression.
    static let examples: [Example] = {
        var examples: [Example] = []
        for block in blocks("cel") {
            var source = ""
            for line in block.split(separator: "\n", omittingEmptySubsequences: false) {
                guard let mark = line.ranges(of: "  // ").last else {
                    source += line + "\n"
                    continue
                }
                source += line[..<mark.lowerBound]
                examples.append(
                    Example(
                        source: source.trimmingCharacters(in: .whitespaces), result: String(line[mark.upperBound...])))
                source = ""
            }
        }
        return examples
    }()

    @Test("every example gives what it says", arguments: examples)
    func example(_ example: Example) throws {
        let variables = try JSONValue(parsing: try #require(Self.blocks("json").first).description)
        let members = try #require(variables.objectValue).members
        let environment = CELEnvironment(variables: members.map { CELVariable($0.name) }, timeZones: SystemTimeZones())
        var cost = CELCost()
        do throws(CELError) {
            let program = try CELProgram(example.source, in: environment)
            let values = members.map { CELValue(JSONView($0.value)) as CELValue? }
            let value = try program.evaluate(CELValues(values), cost: &cost).json(cost: &cost)
            let expected = try? JSONValue(parsing: example.result)
            #expect(value == expected, "\(value.text)")
            // Numbers are equal by what they stand for; here their digits matter.
            if let number = value.numberValue { #expect(number.text == example.result) }
        } catch {
            guard example.result.hasPrefix("error: ") else {
                Issue.record("\(error)")
                return
            }
            #expect(error.message.contains(example.result.dropFirst("error: ".count)), "\(error.message)")
        }
    }

    @Test("there is an example of every function and every macro, and a signature")
    func complete() {
        #expect(Self.examples.count > 100)
        let names = Set(Catalog.functions.keys).union(Catalog.macros).union(["has", "cel.bind"])
        for name in names.sorted() {
            let isShown = Self.examples.contains { $0.source.contains("\(name)(") }
            #expect(isShown, "no example of \(name)()")
            let isNamed =
                Self.page.contains("`\(name)(") || Self.page.contains(".\(name)(") || Self.page.contains("`.\(name)`")
                || Self.page.contains("`\(name)`")
            #expect(isNamed, "\(name)() is not named")
        }
    }
}
