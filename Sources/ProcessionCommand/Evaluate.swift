import ArgumentParser
import CEL
import Glibc
import JSON
import Procession

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Evaluate a CEL expression against JSON.",
        discussion: """
            Names of time zones are those of this machine's database (TZDIR, or /usr/share/zoneinfo).
            An expression may begin with a minus sign; after -- nothing is read as an option.
            With --jsonl, reads typed cases from standard input, one a line, and answers each at once with one line.
            """)

    @Argument(parsing: .allUnrecognized, help: "The expression.")
    var expression: [String] = []
    @Option(help: "A JSON object whose members are the variables.")
    var variables = "{}"
    @Flag(help: "Read typed cases from standard input.")
    var jsonl = false

    func run() throws {
        let timeZones = SystemTimeZones()
        if jsonl {
            while let line = readLine() {
                let answer: JSONValue
                do {
                    answer = evaluateConformanceLine(try JSONValue(parsing: line), timeZones: timeZones)
                } catch {
                    answer = ["error": .string("\(error)")]
                }
                print(answer.text)
                // Whoever writes a line waits for its answer.
                fflush(nil)
            }
            return
        }
        // What the shell hands over is one argument; behind a terminator the terminator itself comes first.
        let given = expression.first == "--" ? Array(expression.dropFirst()) : expression
        guard let expression = given.first, given.count == 1 else {
            throw ValidationError(
                given.isEmpty ? "name an expression, or say --jsonl" : "name one expression; quote it as a whole")
        }
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument.parse(variables)
        } catch {
            throw ValidationError("--variables: \(error)")
        }
        guard document.root.kind == .object else { throw ValidationError("--variables has to be a JSON object") }
        let members = Array(document.root.members)
        let environment = CELEnvironment(
            variables: members.map { CELVariable($0.name, .dyn) }, timeZones: timeZones)
        do throws(CELError) {
            let program = try CELProgram(expression, in: environment)
            var cost = CELCost()
            let activation = Members(values: members.map { CELValue($0.value) })
            print(try program.evaluate(activation, cost: &cost).json().text)
        } catch {
            // A value that has no form in JSON is the fault of the whole, of no place in it.
            let place = error.line > 0 ? "\(error.line):\(error.column)" : "the result"
            print("\(place): \(error.message)\(error.hint.map { "; \($0)" } ?? "")")
            throw ExitCode(1)
        }
    }

    private struct Members: CELActivation {
        let values: [CELValue]

        func value(slot: Int) -> CELValue? { values[slot] }
    }
}
