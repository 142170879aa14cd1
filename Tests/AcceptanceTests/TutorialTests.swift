import Foundation
import JSON
import Testing

/// What a newcomer is told to type, typed.
@Suite("Tutorial")
struct TutorialTests {
    @Test("the README's first process works, line by line")
    func firstProcess() throws {
        let blocks = try Tutorial.blocks()
        try #require(blocks.count >= 4)
        let outputs = try Self.outputs(of: blocks)
        #expect(outputs.first?.contains(#""started":true"#) == true)
        #expect(outputs.last?.contains(#""status":"Completed""#) == true, "\(outputs.last ?? "")")
    }

    /// What can go wrong in a block, as a text to replace in it, and the block in which that shows at the latest.
    static let slips: [(block: Int, text: String, by: String, shows: Int)] = [
        (0, "/events", "/event", 0), (0, "OrderPlaced", "OrderPlaced:", 0), (0, "application/json", "text/plain", 0),
        (1, "charge-card&worker=me&wait=10s", "change-card&worker=me", 2), (2, "/outcome", "/outcomes", 2),
        (2, "lease_token", "token", 2), (3, "\"tracking", "tracking", 3), (4, "/processes?key", "/processes?ky", 4),
    ]

    @Test("a slip in a block of the tutorial is noticed", arguments: slips)
    func slip(_ slip: (block: Int, text: String, by: String, shows: Int)) throws {
        var blocks = try Tutorial.blocks()
        try #require(slip.shows < blocks.count)
        #expect(blocks[slip.block].contains(slip.text))
        blocks[slip.block] = blocks[slip.block].replacingOccurrences(of: slip.text, with: slip.by)
        #expect(throws: Tutorial.Failure.self) { try Self.outputs(of: Array(blocks[...slip.shows])) }
    }

    @Test("the lines that scripts/start prints work")
    func printedLines() throws {
        let lines = try Tutorial.printedLines()
        try #require(lines.count == 3)
        let outputs = try Self.outputs(of: lines)
        #expect(outputs[0].contains(#""started":true"#))
        #expect(outputs[1].contains(#""task_type":"charge-card""#))
        #expect(outputs[2].contains(#""key":"o1","status":"Running""#))
    }

    /// Types the blocks one after the other into one shell, against a service of their own.
    private static func outputs(of blocks: [String]) throws -> [String] {
        try Samples.withFolder { folder in
            let service = ServiceProcess(in: folder)
            try service.start()
            let outputs = try Tutorial.run(blocks, in: folder, port: service.port)
            #expect(service.stop() == 0)
            return outputs
        }
    }
}

enum Tutorial {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL

    static func text(_ path: String) throws -> String {
        try String(contentsOf: project.appendingPathComponent(path), encoding: .utf8)
    }

    /// The shell blocks of the README's section on a first process.
    static func blocks() throws -> [String] {
        let sections = try text("README.md").components(separatedBy: "\n## ")
        guard let section = sections.first(where: { $0.hasPrefix("A first process in five minutes\n") }) else {
            throw Failure(description: "README.md has no section 'A first process in five minutes'")
        }
        return section.components(separatedBy: "```sh\n").dropFirst().map {
            $0.components(separatedBy: "\n```")[0] + "\n"
        }
    }

    /// The calls that scripts/start shows before it starts the service.
    static func printedLines() throws -> [String] {
        try text("scripts/start").components(separatedBy: "\n").filter { $0.hasPrefix("  curl ") }
            .map { "\($0)\n" }
    }

    /// What each block wrote, typed into one shell.
    ///
    /// - Throws: a failure that names the first block which ended with a status other than 0, or wrote a problem.
    static func run(_ blocks: [String], in folder: String, port: Int) throws -> [String] {
        let file = "\(folder)/tutorial.sh"
        let outputs = try type(blocks, into: file, at: URL(fileURLWithPath: folder), port: port)
        if let index = outputs.firstIndex(where: { $0.contains("urn:procession:problem:") }) {
            throw Failure(description: "block \(index + 1) was refused: \(outputs[index])")
        }
        return outputs
    }

    /// The same, whatever the service answers.
    static func type(_ blocks: [String], into file: String, at place: URL, port: Int) throws -> [String] {
        try requireCurl()
        let script = blocks.joined(separator: "printf '\\036'\n")
            .replacingOccurrences(of: "localhost:7070", with: "localhost:\(port)")
        try script.write(toFile: file, atomically: true, encoding: .utf8)
        let command = ServiceProcess.command(["-e", file], of: URL(fileURLWithPath: "/bin/bash"))
        command.process.currentDirectoryURL = place
        let (status, output) = try ServiceProcess.run(command)
        let outputs = output.components(separatedBy: "\u{1E}")
        guard status == 0, outputs.count == blocks.count else {
            throw Failure(
                description: "block \(outputs.count) ended with the status \(status): \(outputs.last ?? "")")
        }
        return outputs
    }

    private static func requireCurl() throws {
        let found = try ServiceProcess.run(
            ServiceProcess.command(["-c", "command -v curl"], of: URL(fileURLWithPath: "/bin/bash")))
        guard found.status == 0 else { throw Failure(description: "curl is missing: the tutorial cannot be typed") }
    }
}
