import Foundation
import JSON
import Testing

/// Every command of the documentation, typed: a block of shell is run, or says above it why not.
@Suite("Commands of the manual")
struct CommandBlockTests {
    struct Block {
        var line: Int
        var text: String
        /// Why it is not run.
        var excuse: String?
    }

    struct Page: Sendable, CustomTestStringConvertible {
        var path: String
        var testDescription: String { path }

        /// The blocks of shell, in order. `<!-- not run: reason -->` on the line above excuses one.
        func blocks() throws -> [Block] {
            var blocks: [Block] = []
            var isOpen = false
            var isShell = false
            var above = ""
            for (index, line) in try Tutorial.text(path).components(separatedBy: "\n").enumerated() {
                if line.hasPrefix("```") {
                    isShell = !isOpen && ["```sh", "```bash", "```shell", "```console"].contains(line)
                    isOpen.toggle()
                    let excuse = above.wholeMatch(of: /<!-- not run: (.+) -->/).map { String($0.output.1) }
                    if isShell { blocks.append(Block(line: index + 2, text: "", excuse: excuse)) }
                } else if isShell {
                    blocks[blocks.count - 1].text += line + "\n"
                }
                above = line
            }
            return blocks
        }
    }

    static let pages: [Page] = {
        let docs = (try? FileManager.default.contentsOfDirectory(atPath: "\(Tutorial.project.path)/docs")) ?? []
        return [Page(path: "README.md")] + docs.filter { $0.hasSuffix(".md") }.sorted().map { Page(path: "docs/\($0)") }
    }()

    /// Codes of problems that a call can only get when it is written wrongly. Others depend on what is there.
    private static let slips = [
        "malformed_request", "invalid_json", "invalid_request", "unknown_parameter", "not_found",
        "method_not_allowed", "unsupported_media_type",
    ]

    @Test("there are blocks to run, and few are not", .timeLimit(.minutes(1)))
    func counts() throws {
        let blocks = try Self.pages.flatMap { try $0.blocks() }
        #expect(blocks.count > 50)
        #expect(blocks.count { $0.excuse != nil } < 5)
    }

    @Test("every block of shell works, line by line, or says why it is not run", arguments: pages)
    func blocks(of page: Page) throws {
        let blocks = try page.blocks().filter { $0.excuse == nil }
        guard !blocks.isEmpty else { return }
        try Samples.withFolder { folder in
            try Self.furnish(folder)
            let service = ServiceProcess(in: folder)
            try service.start()
            var texts = blocks.map { $0.text.replacing(/wait=[0-9]+s/, with: "wait=0") }
            texts[0] = try Self.prelude(folder, port: service.port) + texts[0]
            let outputs = try Tutorial.type(
                texts, into: "\(folder)/commands.sh", at: URL(fileURLWithPath: folder), port: service.port)
            for (block, output) in zip(blocks, outputs) where !block.text.contains("limit=101") {
                let found = Self.slips.filter { output.contains("problem:\($0)\"") }
                #expect(found == [], "\(page.path):\(block.line): \(output)")
            }
            #expect(service.stop() == 0)
        }
    }

    @Test("a command in a container takes the place of the entry point, which serves")
    func containers() throws {
        for page in Self.pages {
            for line in try Tutorial.text(page.path).components(separatedBy: "\n") where line.hasPrefix("docker run") {
                // What follows the image's name is a command.
                let words = line.split(separator: " ")
                let isCommand = (words.lastIndex(of: "procession") ?? 0) < words.count - 1
                #expect(isCommand == line.contains("--entrypoint procession procession "), "\(page.path): \(line)")
            }
        }
    }

    /// What stands around who reads the manual: the project's documentation, folders of their own, an issuer's keys.
    private static func furnish(_ folder: String) throws {
        let files = FileManager.default
        let examples = Tutorial.project.appendingPathComponent("docs/examples").path
        for path in ["bin", ".build/release"] {
            try files.createDirectory(atPath: "\(folder)/\(path)", withIntermediateDirectories: true)
            try files.createSymbolicLink(
                atPath: "\(folder)/\(path)/procession", withDestinationPath: ServiceProcess.binary.path)
        }
        for (name, target) in [
            ("docs", Tutorial.project.appendingPathComponent("docs").path), ("definitions", "\(examples)/definitions"),
            ("scenarios", "\(examples)/scenarios"),
        ] {
            try files.createSymbolicLink(atPath: "\(folder)/\(name)", withDestinationPath: target)
        }
        // The key of RFC 8037, appendix A.2.
        let key = #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
        try #"{"keys":[\#(key)]}"#.write(toFile: "\(folder)/jwks.json", atomically: true, encoding: .utf8)
    }

    /// The variables that the manual speaks of, each with something behind it. A service that a block starts takes any
    /// port, and is stopped as soon as it listens; a stream is followed for a second.
    private static func prelude(_ folder: String, port: Int) throws -> String {
        func ask(_ method: String, _ target: String, _ body: JSONValue?) throws -> JSONValue {
            try JSONValue(parsing: try SocketClient.call(port, method, target, body?.bytes).body)
        }
        let receipt = try ask(
            "POST", "/events", ["type": "OrderPlaced", "data": ["order_id": "o99", "total": 1]])
        let process = try #require(receipt["processes"]?[0]?["process_id"]?.stringValue)
        let task = try #require(try ask("GET", "/tasks?type=charge-card", nil)["tasks"]?[0])
        let webhook = try ask(
            "POST", "/webhooks", ["url": "https://example.org/", "commands": ["alert-support"]])["id"]?.stringValue
        let delivery = try ask("POST", "/webhooks/\(webhook ?? "")/test", nil)["id"]?.stringValue
        return """
            export PATH="\(folder)/bin:$PATH"
            json='content-type: application/json'
            WEBHOOK=\(try #require(webhook))
            DELIVERY=\(delivery ?? "")
            PROCESS=\(process)
            ID=\(task["task_id"]?.stringValue ?? "")
            TOKEN=\(task["lease"]?["token"]?.stringValue ?? "")
            INCIDENT=\(process)
            key=prc_none
            curl() {
                if [[ " $* " == *" -sN "* ]]; then command curl --max-time 1 "$@" || [ $? = 28 ]; else command curl "$@"; fi
            }
            procession() {
                if [ "$1" != serve ]; then command procession "$@"; return; fi
                PROCESSION_LISTEN=127.0.0.1:0 command procession "$@" >serve.log 2>&1 &
                local service=$!
                for _ in $(seq 600); do
                    if grep -q listening serve.log || ! kill -0 $service; then break; fi
                    sleep 0.05
                done
                grep -q listening serve.log || { cat serve.log; return 1; }
                kill $service
                wait $service
            }

            """
    }
}
