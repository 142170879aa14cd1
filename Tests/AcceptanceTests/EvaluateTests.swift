import Foundation
import JSON
import Testing

/// `procession eval`, as a process of its own.
@Suite("The command eval")
struct EvaluateTests {
    private static func run(_ arguments: [String], input: String? = nil) throws -> (status: Int32, output: String) {
        let command = ServiceProcess.command(["eval"] + arguments)
        guard let input else { return try ServiceProcess.run(command) }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("eval-\(UUID().uuidString)")
        try Data(input.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        command.process.standardInput = try FileHandle(forReadingFrom: file)
        return try ServiceProcess.run(command)
    }

    @Test(
        "prints the value as JSON",
        arguments: [
            (["1 + 2"], "3"), (["data.total > 10", "--variables", #"{"data": {"total": 40}}"#], "true"),
            // What begins with a minus sign is no option.
            (["-1 + 2"], "1"), (["--", "-1 + 2"], "1"), (["-x", "--variables", #"{"x": 4}"#], "-4"),
            (["--variables", #"{"h": 4}"#, "--", "-h"], "-4"),
            (["timestamp('2026-07-01T00:00:00Z').getHours('+02:00')"], "2"),
        ])
    func value(arguments: [String], expected: String) throws {
        let (status, output) = try Self.run(arguments)
        #expect(output == "\(expected)\n")
        #expect(status == 0)
    }

    @Test(
        "names the place of a fault, and none where the whole is at fault",
        arguments: [
            ("1 +", "1:4: "), ("1 / 0", "1:3: division by zero"), ("true &&\n  x", "2:3: unknown variable 'x'"),
            ("type(1)", "the result: the type int has no form in JSON"),
            ("timestamp(0).getHours('../../etc/passwd')", "1:14: unknown time zone"),
        ])
    func fault(source: String, expected: String) throws {
        let (status, output) = try Self.run([source])
        #expect(output.hasPrefix(expected), "\(output)")
        #expect(status == 1)
    }

    @Test("each line is answered at once, so that it can be talked to", .timeLimit(.minutes(1)))
    func talks() throws {
        let command = ServiceProcess.command(["eval", "--jsonl"])
        let (input, output) = (Pipe(), Pipe())
        command.process.standardInput = input
        command.process.standardOutput = output
        try command.process.run()
        for _ in 1...3 {
            // The next line is written only when this one is answered.
            try input.fileHandleForWriting.write(contentsOf: Data(#"{"expr": "1 + 2"}"#.utf8 + [10]))
            var answer = Data()
            while answer.last != 10 { answer += output.fileHandleForReading.readData(ofLength: 1) }
            #expect(!answer.isEmpty)
        }
        try input.fileHandleForWriting.close()
        command.process.waitUntilExit()
    }

    @Test("a folder without any document is an error, not a success", arguments: ["validate", "test"])
    func emptyFolder(_ name: String) throws {
        try Samples.withFolder { folder in
            let (status, output) = try ServiceProcess.run(ServiceProcess.command([name, folder]))
            #expect(status != 0)
            #expect(output.contains("there is no *.json in the folder"), "\(output)")
        }
    }

    @Test(
        "wrong usage is explained",
        arguments: [[], ["1", "2"], ["--variables", "[]", "1"], ["--variables", "{", "1"]])
    func usage(arguments: [String]) throws {
        let (status, output) = try Self.run(arguments)
        #expect(output.hasPrefix("Error: "), "\(output)")
        #expect(status == 64)
    }

    @Test("answers typed cases line by line, in order, also those that are none")
    func lines() throws {
        let input = """
            {"expr": "x + 1", "bindings": {"x": {"int": "41"}}}
            {"expr": "1 / 0"}
            no JSON
            {"expr": "b'''\\\\?'''"}
            {"expr": "[1u, 'ä', timestamp('2026-01-01T00:00:00Z')]"}

            """
        let (status, output) = try Self.run(["--jsonl"], input: input)
        let answers = try output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        #expect(status == 0)
        try #require(answers.count == 5)
        #expect(answers[0] == ["value": ["int": "42"]])
        #expect(answers[1]["error"] != nil)
        #expect(answers[2]["error"] != nil)
        #expect(answers[3] == ["value": ["bytes": "Pw=="]])
        #expect(
            answers[4] == [
                "value": ["list": [["uint": "1"], ["string": "ä"], ["timestamp": "2026-01-01T00:00:00Z"]]]
            ])
    }

    @Test("each line is answered at once, through pipes, before the next one comes", .timeLimit(.minutes(1)))
    func answersAtOnce() throws {
        let (process, output) = ServiceProcess.command(["eval", "--jsonl"])
        let input = Pipe()
        process.standardInput = input
        try process.run()
        defer { process.terminate() }
        for number in 1...3 {
            try input.fileHandleForWriting.write(contentsOf: Data("{\"expr\": \"\(number) + 1\"}\n".utf8))
            // Blocks until there is something.
            let answer = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
            #expect(answer == "{\"value\":{\"int\":\"\(number + 1)\"}}\n")
        }
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test(
        "zones are those of the database that TZDIR names",
        .enabled(if: FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/Europe/Berlin")))
    func zones() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zones-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(
            atPath: "/usr/share/zoneinfo/Europe/Berlin", toPath: folder.appendingPathComponent("Home").path)
        let source = "timestamp('2026-07-01T00:00:00Z').getHours('Home')"
        #expect(try Self.run([source]).output.contains("unknown time zone 'Home'"))
        let command = ServiceProcess.command(["eval", source])
        command.process.environment = ["TZDIR": folder.path]
        #expect(try ServiceProcess.run(command).output == "2\n")
    }
}
