import ArgumentParser
import Definitions
import Diagrams
import Foundation
import Procession

struct Diagram: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case svg
        case mermaid
    }

    static let configuration = CommandConfiguration(abstract: "Draw a definition as a state diagram.")

    @Argument(help: "The file of the definition.")
    var file: String
    @Option(help: "What to write.")
    var format = Format.svg
    @Option(name: .shortAndLong, help: "Where to write it; standard output if left out.")
    var output: String?

    func run() throws {
        for document in try Documents.json(in: [file]).prefix(1) {
            let graph: DefinitionGraph
            do throws(DefinitionFaults) {
                graph = DefinitionGraph(try Definition.load(document.bytes).definition)
            } catch {
                for fault in error.faults { print("\(document.name): fault: \(Validate.line(fault))") }
                throw ExitCode(1)
            }
            let text =
                switch format {
                case .svg: graph.svg()
                case .mermaid: graph.mermaid()
                }
            if let output {
                guard (try? text.write(toFile: output, atomically: true, encoding: .utf8)) != nil else {
                    throw StartError("cannot write '\(output)'")
                }
            } else {
                print(text, terminator: "")
            }
        }
    }
}
