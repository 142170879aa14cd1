import ArgumentParser
import Engine
import EventSourcing
import JSON

/// What an outcome costs in a process with many machines that wait for each other: the counts are kept, so nothing is
/// walked for each of them.
struct JoinCost: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "joins", abstract: "Processor time of an outcome with more and more machines that join.")

    @Option(help: "Numbers of machines.")
    var machines = [125, 1000, 8000]

    func run() throws {
        var base: Double?
        for count in machines {
            let alone = try EngineAlone(InMemoryProcessStore(), definition: Self.definition)
            let items = (0..<count).map { JSONValue.string("i\($0)") }
            let event = Event(
                id: EventID("e"), type: "Ordered", source: "/shops/north",
                data: JSONView(["id": "o", "items": .array(items)]))
            let spawning = try alone.run([.post([IncomingEvent(tenant: "default", event: event)])], batch: 1)
            let (outcomes, _) = try alone.claim(count, batch: 100)
            guard outcomes.count == count else { throw BenchmarkError("\(outcomes.count) tasks for \(count) machines") }
            let joining = try alone.run(outcomes, batch: 64) / Double(count) * 1e6
            base = base ?? joining
            print(
                """
                \(count) machines: \(Spread.rounded(joining, 1)) µs an outcome, \
                \(Spread.rounded(joining / (base ?? joining), 2)) of the first; \
                \(Spread.rounded(spawning / Double(count) * 1e6, 1)) µs to spawn one
                """)
        }
    }

    private static let definition = """
        {
          "name": "packing",
          "events": { "Ordered": { "key": "event.data.id", "route": "start" } },
          "machines": {
            "order": {
              "initial": "Packing",
              "states": {
                "Packing": { "always": { "when": "counts.item.Packing == 0", "to": "Packed" } },
                "Packed": { "final": true }
              }
            },
            "item": {
              "spawn": { "on": "Ordered", "for_each": "event.data.items", "id": "item" },
              "initial": "Packing",
              "states": {
                "Packing": {
                  "task": { "type": "do-work", "input": "${machine.item}" },
                  "on": { "completed": { "to": "Packed" }, "failed": { "fail": "${task.reason}" } }
                },
                "Packed": { "final": true }
              }
            }
          }
        }
        """
}
