import ArgumentParser
import CEL
import JSON

/// How fast a typical guard is evaluated.
struct GuardRate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "guards", abstract: "Evaluations per second of a condition over an event and process data.")

    @Option(help: "How many evaluations.")
    var count = 200_000

    func run() throws {
        let event = try JSONDocument.parse(Requests.order(1, run: "g")).root
        let data = try JSONDocument.parse(#"{"limit": 5000, "country": "DE", "blocked": ["c-7", "c-8"]}"#).root
        let program = try CELProgram(
            "event.data.total <= data.limit && event.data.currency == 'EUR' && !(event.data.customer.id in data.blocked)",
            in: CELEnvironment(variables: [CELVariable("event"), CELVariable("data")]))
        let activation = CELValues([CELValue(event), CELValue(data)])
        let begun = EngineAlone.processorTime()
        for _ in 0..<count {
            var cost = CELCost()
            guard case .bool(true) = try program.evaluate(activation, cost: &cost) else {
                throw BenchmarkError("the guard does not hold")
            }
        }
        let seconds = EngineAlone.processorTime() - begun
        print("\(Int(Double(count) / seconds)) guards a second of one core")
    }
}
