import ArgumentParser
import Foundation

@main
struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Feeds random and broken input to definitions, expressions and whole services.",
        discussion: """
            Each input has a seed of its own, counted up from the one that is printed first. What is found names the
            seed; --seed <it> --inputs 1 runs that input alone.
            """,
        subcommands: [Definitions.self, CELParser.self, CELEvaluator.self, Simulate.self])

    struct Options: ParsableArguments {
        @Option(help: "For how long.")
        var seconds = 60.0
        @Option(help: "How many inputs at the most.")
        var inputs: Int?
        @Option(help: "Where to begin; random without.")
        var seed: UInt64?

        func run(_ target: some FuzzTarget) throws {
            let seed = seed ?? UInt64.random(in: 0...UInt64(UInt32.max)) << 16
            print("seed \(seed)")
            FuzzRun.watch()
            let end = Date(timeIntervalSinceNow: seconds)
            do {
                let report = try FuzzRun().run(target, seed: seed) { done in
                    done >= inputs ?? .max || Date() >= end
                }
                print(
                    "\(report.inputs) inputs, \(report.accepted) accepted, "
                        + "slowest \(report.slowest) at seed \(report.slowestSeed); nothing found")
            } catch {
                print("FOUND \(error)")
                throw ExitCode(1)
            }
        }
    }

    struct Definitions: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Generated definitions and mutated samples into the decoder.")
        @OptionGroup var options: Options
        @Option(help: "A folder of definitions to mutate besides those that are made up.")
        var samples = "docs/examples/definitions"

        func run() throws { try options.run(DefinitionTarget(samples: Fuzz.texts(in: samples))) }
    }

    struct Simulate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Random calls to services in memory that run generated definitions; then all is decided again.")
        @OptionGroup var options: Options
        @Option(help: "A folder of definitions to run besides those that are made up.")
        var samples = "docs/examples/definitions"

        func run() throws { try options.run(SimulationTarget(samples: Fuzz.texts(in: samples))) }
    }

    private static func texts(in folder: String) -> [[UInt8]] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let texts = names.sorted().filter { $0.hasSuffix(".json") }
            .compactMap { FileManager.default.contents(atPath: "\(folder)/\($0)").map { Array($0) } }
        print("\(texts.count) samples")
        return texts
    }

    struct CELParser: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "cel-parser", abstract: "Random and mutated expressions into the parser and the checker.")
        @OptionGroup var options: Options

        func run() throws { try options.run(ParserTarget()) }
    }

    struct CELEvaluator: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "cel-evaluator",
            abstract: "Well-typed and ill-typed expressions over random JSON into the evaluator.")
        @OptionGroup var options: Options

        func run() throws { try options.run(EvaluatorTarget()) }
    }
}
