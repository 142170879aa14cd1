import Testing

@testable import Fuzz

/// A short run of each target with fixed seeds; `swift run -c release Fuzz` runs them for long.
@Suite("Random and broken input")
struct FuzzTests {
    /// A debug build is slow; a hang is slower.
    private static let run = FuzzRun(bound: .seconds(10))

    @Test("definitions: no crash, no hang, and what is accepted is stored as it is read", arguments: [1, 1_000_000])
    func definitions(seed: UInt64) throws {
        let report = try Self.run.run(DefinitionTarget(samples: []), seed: seed) { $0 >= 250 }
        #expect(report.accepted > 40)
        #expect(report.accepted < 220)
    }

    @Test("expressions: every refusal has its place", arguments: [1, 1_000_000])
    func parser(seed: UInt64) throws {
        let report = try Self.run.run(ParserTarget(), seed: seed) { $0 >= 2000 }
        #expect(report.accepted > 200)
        #expect(report.accepted < 1800)
    }

    @Test("evaluation: within its cost, the same each time, of the type that was foretold", arguments: [1, 1_000_000])
    func evaluator(seed: UInt64) throws {
        let report = try Self.run.run(EvaluatorTarget(), seed: seed) { $0 >= 1000 }
        #expect(report.accepted > 200)
        #expect(report.accepted < 900)
    }

    @Test("whole services: no crash, no failure, and all is decided the same again")
    func simulation() throws {
        let report = try Self.run.run(SimulationTarget(samples: []), seed: 1) { $0 >= 60 }
        #expect(report.accepted > 15)
    }

    @Test("an input depends on its seed only, and a finding names it")
    func seeds() throws {
        struct Odd: FuzzTarget {
            func run(_ random: inout SeededGenerator) throws(Finding) -> Bool {
                let number = random.below(1000)
                if number == 7 { throw Finding("seven", input: "\(number)") }
                return true
            }
        }
        let finding = #expect(throws: Finding.self) { try FuzzRun().run(Odd(), seed: 1) { $0 >= 100_000 } }
        let seed = try #require(
            finding.flatMap { $0.message.firstMatch(of: /seed (\d+): seven/) }.flatMap { UInt64($0.output.1) })
        var random = SeededGenerator(seed: seed)
        #expect(random.below(1000) == 7)
    }
}
