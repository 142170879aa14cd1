import Foundation
import JSON
import Procession
import Testing

/// What the manual lists, against what the binary has.
@Suite("Manual")
struct ManualTests {
    @Test("operations.md lists every metric, and no other")
    func metrics() throws {
        try Samples.withFolder { folder in
            let service = ServiceProcess(in: folder)
            try service.start()
            let page = try SocketClient.call(service.port, "GET", "/metrics", nil).body
            let served = Set(
                String(decoding: page, as: UTF8.self).matches(of: /# TYPE (\S+)/).map { String($0.output.1) })
            let rows = #/\n\| `(procession_\w+)[^`]*` \| (?:counter|gauge|histogram) \|/#
            let listed = Set(try Tutorial.text("docs/operations.md").matches(of: rows).map { String($0.output.1) })
            #expect(served.count > 10)
            #expect(served == listed)
            #expect(service.stop() == 0)
        }
    }

    @Test(
        "the service serves its description and the schema of definitions",
        arguments: [
            ("/openapi.yaml", "openapi.yaml"), ("/definition.schema.json", "docs/definition.schema.json"),
        ])
    func shippedFiles(target: String, path: String) throws {
        try Samples.withFolder { folder in
            let service = ServiceProcess(in: folder)
            try service.start()
            let body = try SocketClient.call(service.port, "GET", target, nil).body
            #expect(String(decoding: body, as: UTF8.self) == (try Tutorial.text(path)))
            #expect(service.stop() == 0)
        }
    }

    @Test("operations.md lists every option of serve with its name in the environment")
    func options() throws {
        let help = try ServiceProcess.run(ServiceProcess.command(["serve", "--help"]))
        let offered = Set(help.output.matches(of: /\n  (--[a-z-]+)/).map { String($0.output.1) })
        var listed: Set<String> = []
        let rows = #/\n\| `(--[a-z-]+)[^`]*` \| `PROCESSION_(\w+)`/#
        for row in try Tutorial.text("docs/operations.md").matches(of: rows) {
            let option = String(row.output.1)
            listed.insert(option)
            let name = option.dropFirst(2).uppercased().replacingOccurrences(of: "-", with: "_")
            #expect(name == row.output.2)
        }
        #expect(offered.count > 5)
        #expect(offered == listed)
    }

    @Test("the scenarios of the manual pass", arguments: [("docs/scenarios.md", 3), ("docs/migration.md", 1)])
    func scenarios(_ page: String, _ count: Int) throws {
        let blocks = try Tutorial.text(page).components(separatedBy: "```json\n").dropFirst()
        #expect(blocks.count == count)
        for block in blocks {
            let scenario = try Scenario(try JSONValue(parsing: block.components(separatedBy: "\n```")[0]))
            let configuration = try Samples.configuration(for: scenario, store: .memory)
            try ScenarioRunner.run(scenario, on: try InProcessClient(configuration))
        }
    }
}
