import Definitions
import Foundation
import JSON
import Testing

/// The documentation against the files that it speaks of.
@Suite("Documentation")
struct DocsTests {
    @Test("every link leads to a file of the project, and every anchor to a heading")
    func linksLeadSomewhere() throws {
        let pages = try MarkdownPage.all()
        var count = 0
        for page in pages {
            for link in page.links where link.target.firstMatch(of: /^[a-z]+:/) == nil {
                count += 1
                let parts = link.target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                let folder = MarkdownPage.project.appendingPathComponent(page.path).deletingLastPathComponent()
                let path = parts[0].isEmpty ? page.path : Self.path(String(parts[0]), in: folder)
                let place = "\(page.path):\(link.line): \(link.target)"
                guard let path, Self.exists(path) else {
                    Issue.record("\(place) leads to nothing")
                    continue
                }
                guard parts.count > 1 else { continue }
                let anchors = try MarkdownPage(path).anchors
                #expect(anchors.contains(String(parts[1])), "\(place): \(path) has no such heading")
            }
        }
        #expect(pages.count > 5)
        #expect(count > 50)
    }

    @Test("the README leads to every page")
    func readmeLeadsToAll() throws {
        let linked = Set(try MarkdownPage("README.md").links.map { $0.target.prefix { $0 != "#" } })
        for page in try MarkdownPage.all() where page.path != "README.md" {
            #expect(linked.contains(Substring(page.path)), "README.md does not link \(page.path)")
        }
    }

    @Test("every block of JSON is JSON")
    func jsonIsJSON() throws {
        for page in try MarkdownPage.all() {
            for block in page.blocks where block.language == "json" {
                #expect(throws: Never.self, "\(page.path):\(block.line)") {
                    try JSONDocument.parse(Array(block.text.utf8))
                }
            }
        }
    }

    @Test("every definition in the language reference is valid, and nothing smells")
    func definitionsAreValid() throws {
        let page = try MarkdownPage("docs/language.md")
        var names: [String] = []
        for block in page.blocks where block.language == "json" {
            let document = try JSONDocument.parse(Array(block.text.utf8)).root
            guard document["name"] != nil, document["events"] != nil else { continue }
            do throws(DefinitionFaults) {
                let (definition, warnings) = try Definition.decode(document, version: 1)
                names.append(definition.name)
                #expect(warnings == [], "\(page.path):\(block.line)")
            } catch {
                Issue.record("\(page.path):\(block.line): \(error.faults)")
            }
        }
        #expect(names.count > 2)
        #expect(Set(names).count == names.count)
    }

    @Test("the page on patterns shows the example definitions as they are, and names all their scenarios")
    func patternsAreTheExamples() throws {
        let page = try MarkdownPage("docs/patterns.md")
        let links = Set(page.links.map(\.target))
        let files = try Self.examples("definitions")
        var shown: Set<String> = []
        for block in page.blocks where block.language == "json" {
            let name = try #require(try JSONValue(parsing: Array(block.text.utf8))["name"]?.stringValue)
            shown.insert(name)
            #expect(block.text == files["\(name).json"], "\(page.path):\(block.line) differs from \(name).json")
        }
        #expect(shown.count > 6)
        #expect(Set(files.keys).subtracting(shown.map { "\($0).json" }) == ["rebase-failure.json"])
        for (file, text) in try Self.examples("scenarios") {
            let scenario = try JSONValue(parsing: Array(text.utf8))
            let names = scenario["definitions"]?.arrayValue ?? [scenario["definition"] ?? .null]
            guard names.contains(where: { shown.contains($0.stringValue ?? "") }) else { continue }
            #expect(links.contains("examples/scenarios/\(file)"), "\(page.path) does not link \(file)")
        }
    }

    @Test("no example definition smells, but for the one that only a parent starts, as its page says")
    func examplesSmellOfNothing() throws {
        for (file, text) in try Self.examples("definitions") {
            let places = try Definition.load(Array(text.utf8)).warnings.map(\.pointer)
            #expect(places == (file == "trip-part.json" ? ["/events"] : []), "\(file)")
        }
    }

    @Test("the example definitions can be served together: no event type is listed by two of them")
    func examplesDoNotMeet() throws {
        var owners: [String: String] = [:]
        for (file, text) in try Self.examples("definitions") {
            let (definition, _) = try Definition.load(Array(text.utf8))
            #expect("\(definition.name).json" == file)
            for event in definition.events {
                let other = owners.updateValue(file, forKey: event.type)
                #expect(other == nil, "\(event.type) is listed by \(file) and \(other ?? "")")
            }
        }
        #expect(owners.count > 10)
    }

    @Test("the concept map names types that are in the files it names")
    func conceptMapIsTrue() throws {
        let page = try MarkdownPage("docs/concept-map.md")
        var count = 0
        for row in page.rows where row.cells.count == 3 {
            let names = row.cells[1].matches(of: /`(\w+)`/).map { String($0.output.1) }
            let files = row.cells[2].matches(of: /\]\(\.\.\/(\S+?\.swift)\)/).map { String($0.output.1) }
            guard !names.isEmpty else { continue }
            let sources = try files.map {
                try String(contentsOf: MarkdownPage.project.appendingPathComponent($0), encoding: .utf8)
            }
            #expect(!sources.isEmpty, "\(page.path):\(row.number) names no file")
            for name in names {
                count += 1
                let isDeclared = sources.contains { Self.declares(name, in: $0) }
                #expect(isDeclared, "\(page.path):\(row.number): \(name) is not in \(files)")
            }
        }
        #expect(count > 30)
    }

    @Test("no page tells of a machine, and none is unfinished")
    func pagesAreClean() throws {
        for page in try MarkdownPage.all() {
            let lines = page.prose + page.blocks.map { (number: $0.line, text: $0.text) }
            for line in lines {
                for word in ["work", "home", "Users"].map({ "/\($0)/" }) + ["TODO", "FIXME"] {
                    #expect(!line.text.contains(word), "\(page.path):\(line.number) has \(word)")
                }
            }
        }
    }

    /// The texts of the files in a folder of the examples.
    private static func examples(_ folder: String) throws -> [String: String] {
        let place = MarkdownPage.project.appendingPathComponent("docs/examples/\(folder)")
        let names = try FileManager.default.contentsOfDirectory(atPath: place.path).filter { $0.hasSuffix(".json") }
        return Dictionary(
            uniqueKeysWithValues: try names.map {
                ($0, try String(contentsOf: place.appendingPathComponent($0), encoding: .utf8))
            })
    }

    /// Relative to the project; nil for a target outside of it.
    private static func path(_ target: String, in folder: URL) -> String? {
        let root =
            MarkdownPage.project.path.hasSuffix("/") ? MarkdownPage.project.path : MarkdownPage.project.path + "/"
        let full = folder.appendingPathComponent(target).standardizedFileURL.path
        return full.hasPrefix(root) ? String(full.dropFirst(root.count)) : nil
    }

    private static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: MarkdownPage.project.appendingPathComponent(path).path)
    }

    private static func declares(_ name: String, in source: String) -> Bool {
        let words = ["struct", "class", "enum", "protocol", "typealias", "case"]
        return words.contains { word in
            source.ranges(of: "\(word) \(name)").contains { range in
                guard range.upperBound < source.endIndex else { return true }
                let next = source[range.upperBound]
                return !next.isLetter && !next.isNumber && next != "_"
            }
        }
    }
}
