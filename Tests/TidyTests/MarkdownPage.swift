import Foundation

/// A page of the documentation, as far as the tests have to understand Markdown.
struct MarkdownPage: Sendable {
    static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL

    /// README.md and docs/*.md.
    static func all() throws -> [MarkdownPage] {
        let docs = try FileManager.default.contentsOfDirectory(atPath: project.appendingPathComponent("docs").path)
        let paths = ["README.md"] + docs.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
        return try paths.map { try MarkdownPage($0) }
    }

    struct Block: Sendable {
        var language: String
        var text: String
        /// Of its first line, counted from 1.
        var line: Int
    }

    struct Link: Sendable {
        var target: String
        var line: Int
    }

    let path: String
    private(set) var blocks: [Block] = []
    /// Lines that are in no block, with their numbers.
    private(set) var prose: [(number: Int, text: String)] = []

    init(_ path: String) throws {
        let url = Self.project.appendingPathComponent(path)
        self.init(path: path, text: try String(contentsOf: url, encoding: .utf8))
    }

    init(path: String, text: String) {
        self.path = path
        var open: Block?
        for (index, line) in text.components(separatedBy: "\n").enumerated() {
            if line.hasPrefix("```") {
                if let block = open {
                    blocks.append(block)
                    open = nil
                } else {
                    open = Block(language: String(line.dropFirst(3)), text: "", line: index + 2)
                }
            } else if open != nil {
                open?.text += line + "\n"
            } else {
                prose.append((index + 1, line))
            }
        }
        if let open { blocks.append(open) }
    }

    var links: [Link] {
        prose.flatMap { line in
            Self.withoutCode(line.text).matches(of: /\]\(([^)\s]+)\)/).map {
                Link(target: String($0.output.1), line: line.number)
            }
        }
    }

    /// The anchors that a heading can be reached by, as the usual viewers make them.
    var anchors: Set<String> {
        var anchors: Set<String> = []
        for line in prose.map(\.text) where line.hasPrefix("#") {
            let heading = line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased()
            let kept = heading.unicodeScalars.filter {
                $0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == " " || $0 == "-" || $0 == "_"
            }
            let anchor = String(String.UnicodeScalarView(kept)).replacingOccurrences(of: " ", with: "-")
            var number = 0
            while !anchors.insert(number == 0 ? anchor : "\(anchor)-\(number)").inserted { number += 1 }
        }
        return anchors
    }

    /// The cells of all rows of tables, without the lines that separate heads.
    var rows: [(number: Int, cells: [String])] {
        prose.filter { $0.text.hasPrefix("|") && !$0.text.hasPrefix("|--") }.map { line in
            let cells = line.text.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
            return (line.number, cells.map { $0.trimmingCharacters(in: .whitespaces) })
        }
    }

    /// A link inside of `code` is none.
    private static func withoutCode(_ line: String) -> String {
        line.replacing(/`[^`]*`/, with: "code")
    }
}
