import ArgumentParser
import CEL
import Foundation
import JSON

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Evaluate a CEL expression against JSON.",
        discussion: "With --jsonl, reads typed cases from standard input, one a line, and answers one line each.")

    @Argument(help: "The expression.")
    var expression: String?
    @Option(help: "A JSON object whose members are the variables.")
    var variables = "{}"
    @Flag(help: "Read typed cases from standard input.")
    var jsonl = false

    func run() throws {
        if jsonl {
            while let line = readLine() {
                let answer: JSONValue
                do {
                    answer = evaluateConformanceLine(try JSONValue(parsing: line))
                } catch {
                    answer = ["error": .string("\(error)")]
                }
                print(answer.text)
            }
            return
        }
        guard let expression else { throw ValidationError("name an expression, or say --jsonl") }
        let document = try JSONDocument.parse(variables)
        let members = Array(document.root.members)
        let environment = CELEnvironment(variables: members.map { CELVariable($0.name, .dyn) })
        do throws(CELError) {
            let program = try CELProgram(expression, in: environment)
            var cost = CELCost()
            let activation = Members(values: members.map { CELValue($0.value) })
            print(try program.evaluate(activation, cost: &cost).json().text)
        } catch {
            print("\(error.line):\(error.column): \(error.message)\(error.hint.map { "; \($0)" } ?? "")")
            throw ExitCode(1)
        }
    }

    private struct Members: CELActivation {
        let values: [CELValue]

        func value(slot: Int) -> CELValue? { values[slot] }
    }
}
