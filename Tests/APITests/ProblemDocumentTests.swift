import API
import Foundation
import Testing

/// docs/problems.md against the codes of the service.
@Suite struct ProblemDocumentTests {
    @Test("docs/problems.md has a paragraph for every code that can be answered, and for no other")
    func documentsEveryCode() throws {
        let documented = try Self.sections().map(\.code)
        #expect(Set(ProblemCatalogue.codes).subtracting(documented) == [], "answered, but not documented")
        #expect(Set(documented).subtracting(ProblemCatalogue.codes) == [], "documented, but never answered")
        #expect(documented.count == Set(documented).count, "a code is documented twice")
    }

    @Test("each paragraph begins with the status that the code is answered with")
    func saysTheStatus() throws {
        for (code, text) in try Self.sections() {
            guard let status = ProblemCatalogue.status(of: code) else { continue }
            #expect(text.hasPrefix("\(status). "), "\(code)")
        }
    }

    private static func sections() throws -> [(code: String, text: String)] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/problems.md").standardizedFileURL
        var sections: [(code: String, text: String)] = []
        for line in try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n") {
            if line.hasPrefix("## ") {
                sections.append((String(line.dropFirst(3)), ""))
            } else if !sections.isEmpty, !line.isEmpty, !line.hasPrefix("#") {
                sections[sections.count - 1].text += line
            }
        }
        return sections
    }
}
