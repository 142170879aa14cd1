import ArgumentParser

@main
struct ProcessionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "procession",
        abstract: "A durable process manager: events in, tasks out, outcomes back.",
        subcommands: [
            Serve.self, Validate.self, TestScenarios.self, Evaluate.self, Diagram.self, Verify.self, Rebuild.self,
            Backup.self, Health.self, Keys.self,
        ])
}
